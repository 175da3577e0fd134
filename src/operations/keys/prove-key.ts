import {
  maxLength,
  optional,
  pipe,
  record,
  regex,
  strictObject,
  string,
  type InferOutput,
} from "valibot";
import { SafehouseError } from "#core/model/problem.ts";
import { findKey } from "#keys/find-key.ts";
import { kitQuestion } from "#keys/kit/kit-question.ts";
import { kitHolds } from "#keys/kit/kit-holds.ts";
import type { RingKey } from "#keys/key-ring-port.ts";
import { markProven } from "#keys/mark-proven.ts";
import { defineOperation } from "../operation.ts";
import { describeKey, keyId, keySchema } from "./key-schema.ts";

const fewestGroups = 2;

/** No emergency kit is longer, in characters. */
export const longestKit = 1_000_000;

const given = {
  /** Text of the groups by their numbers from 1 on. */
  groups: optional(record(pipe(string(), regex(/^[1-7]$/)), pipe(string(), maxLength(1024))), {}),
  /** All of a key. */
  whole: optional(pipe(string(), maxLength(1024))),
  /** A copy of the kit, as text or as page. */
  kit: optional(pipe(string(), maxLength(longestKit))),
};

type Given = InferOutput<ReturnType<typeof strictObject<typeof given>>>;

export const proveKeyOperation = defineOperation({
  id: "proveKey",
  summary:
    "Show that the emergency kit is at hand: two groups of the key by number, all of it, or a copy of the kit",
  method: "post",
  path: "/keys/{key}/prove",
  scope: "admin",
  input: strictObject({ key: keyId, ...given }),
  output: keySchema,
  async run({ key: id, ...shown }, { services, place }) {
    const store = services.keyRing(place);
    const key = findKey(await store.read(), id);
    const wrong = wrongOf(shown, await store.reveal(id));
    if (wrong.length > 0) throw notTheKit(key, wrong.join(" and "));
    const ring = await store.change((now) => ({ ring: markProven(now, id, Date.now()) }));
    return describeKey(findKey(ring, id), ring);
  },
});

/** What of it is not what the kit says; empty if all is right. */
function wrongOf({ groups, whole, kit }: Given, secret: string): readonly string[] {
  if (kit !== undefined) return kitHolds(kit, secret) ? [] : ["That copy"];
  const typed = Object.entries(groups).map(([group, text]) => ({ group: Number(group), text }));
  if (whole === undefined && typed.length < fewestGroups)
    throw new SafehouseError(
      "usage",
      "Neither two groups, nor the key, nor a copy of the kit was given",
    );
  const answers = whole === undefined ? typed : [{ group: undefined, text: whole }];
  return answers.flatMap(({ group, text }) => {
    const { label, isAnswer } = kitQuestion(secret, group);
    return isAnswer(text) ? [] : [label];
  });
}

function notTheKit({ id, name }: RingKey, what: string): SafehouseError {
  const message = `${what} is not what the emergency kit of key ${id} "${name}" says`;
  return new SafehouseError("wrong-password", message, {
    subject: id,
    advice: `Look whether it is the kit of another key; write this one anew with: safehouse keys kit ${id} --to FILE`,
  });
}
