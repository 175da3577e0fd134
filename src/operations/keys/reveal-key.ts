import { object, strictObject, string } from "valibot";
import { findKey } from "#keys/find-key.ts";
import { defineOperation } from "../operation.ts";
import { keyId } from "./key-schema.ts";

export const revealKeyOperation = defineOperation({
  id: "revealKey",
  summary: "Tell a key itself, dashes included",
  method: "post",
  path: "/keys/{key}/reveal",
  scope: "admin",
  input: strictObject({ key: keyId }),
  output: object({ id: string(), name: string(), key: string() }),
  async run({ key: id }, { services, place }) {
    const store = services.keyRing(place);
    const { name } = findKey(await store.read(), id);
    return { id, name, key: await store.reveal(id) };
  },
});
