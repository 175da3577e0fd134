import { boolean, optional, strictObject } from "valibot";
import { addKey } from "#keys/add-key.ts";
import { generateKey } from "#keys/generate-key.ts";
import { defineOperation } from "../operation.ts";
import { shortText } from "../schema/names.ts";
import { describeKey, keySchema } from "./key-schema.ts";

export const newKeyOperation = defineOperation({
  id: "newKey",
  summary: "Make a key; the first one, and one with use, encrypts new backups from now on",
  method: "post",
  path: "/keys",
  scope: "admin",
  input: strictObject({ name: optional(shortText), use: optional(boolean(), false) }),
  output: keySchema,
  async run({ name, use }, { services, place }) {
    const store = services.keyRing(place);
    const secret = generateKey();
    const now = Date.now();
    const key = await addKey(store, { secret, name, origin: "generated", now, use });
    return describeKey(key, await store.read());
  },
});
