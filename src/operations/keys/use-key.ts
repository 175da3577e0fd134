import { strictObject } from "valibot";
import { findKey } from "#keys/find-key.ts";
import { useKey } from "#keys/use-key.ts";
import { defineOperation } from "../operation.ts";
import { describeKey, keyId, keySchema } from "./key-schema.ts";

export const useKeyOperation = defineOperation({
  id: "useKey",
  summary: "Encrypt new backups with this key",
  method: "post",
  path: "/keys/{key}/use",
  scope: "admin",
  input: strictObject({ key: keyId }),
  output: keySchema,
  async run({ key: id }, { services, place }) {
    const ring = await services.keyRing(place).change((now) => ({ ring: useKey(now, id) }));
    return describeKey(findKey(ring, id), ring);
  },
});
