import { object, strictObject } from "valibot";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { describeKey, keySchema } from "./key-schema.ts";

export const listKeysOperation = defineOperation({
  id: "listKeys",
  summary: "List the encryption keys of the key ring, without the keys themselves",
  method: "get",
  path: "/keys",
  scope: "read",
  input: strictObject({}),
  output: object({ keys: listOf(keySchema) }),
  async run(_, { services, place }) {
    const ring = await services.keyRing(place).read();
    return { keys: ring.keys.map((key) => describeKey(key, ring)) };
  },
});
