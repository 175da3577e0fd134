import { maxLength, optional, pipe, record, regex, strictObject, string } from "valibot";
import { SafehouseError } from "#core/model/problem.ts";
import { findKey } from "#keys/find-key.ts";
import { keyGroups } from "#keys/key-groups.ts";
import { kitHolds } from "#keys/kit/kit-holds.ts";
import { markProven } from "#keys/mark-proven.ts";
import { defineOperation } from "../operation.ts";
import { describeKey, keyId, keySchema } from "./key-schema.ts";

const fewestGroups = 2;

export const proveKeyOperation = defineOperation({
  id: "proveKey",
  summary:
    "Show that the emergency kit is at hand: two groups of the key by number, or a copy of the kit",
  method: "post",
  path: "/keys/{key}/prove",
  scope: "admin",
  input: strictObject({
    key: keyId,
    /** Text of the groups by their numbers from 1 on. */
    groups: optional(record(pipe(string(), regex(/^[1-7]$/)), pipe(string(), maxLength(16))), {}),
    kit: optional(pipe(string(), maxLength(100_000))),
  }),
  output: keySchema,
  async run({ key: id, groups, kit }, { services, place }) {
    const store = services.keyRing(place);
    const key = findKey(await store.read(), id);
    const secret = await store.reveal(id);
    const proven = kit === undefined ? groupsFit(groups, secret) : kitHolds(kit, secret);
    if (!proven)
      throw new SafehouseError(
        "wrong-password",
        `That is not what the emergency kit of key ${id} "${key.name}" says`,
        { subject: id, advice: "Look whether it is the kit of another key" },
      );
    const ring = await store.change((now) => ({ ring: markProven(now, id, Date.now()) }));
    return describeKey(findKey(ring, id), ring);
  },
});

function groupsFit(given: Readonly<Record<string, string>>, secret: string): boolean {
  const typed = Object.entries(given);
  const groups = keyGroups(secret);
  if (groups === undefined || typed.length < fewestGroups) return false;
  return typed.every(([number, text]) => groups[Number(number) - 1] === text.trim().toUpperCase());
}
