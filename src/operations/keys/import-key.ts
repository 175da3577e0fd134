import { optional, strictObject } from "valibot";
import { addKey } from "#keys/add-key.ts";
import { defineOperation } from "../operation.ts";
import { password, shortText } from "../schema/names.ts";
import { describeKey, keySchema } from "./key-schema.ts";

export const importKeyOperation = defineOperation({
  id: "importKey",
  summary: "Keep a key or password that there is already, such as Home Assistant's own",
  method: "post",
  path: "/keys/import",
  scope: "admin",
  input: strictObject({ secret: password, name: optional(shortText) }),
  output: keySchema,
  async run({ secret, name }, { services, place }) {
    const store = services.keyRing(place);
    const now = Date.now();
    const key = await addKey(store, { secret, name, origin: "imported", now, use: false });
    return describeKey(key, await store.read());
  },
});
