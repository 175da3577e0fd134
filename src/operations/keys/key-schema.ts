import {
  boolean,
  nullable,
  object,
  picklist,
  pipe,
  regex,
  string,
  type InferOutput,
} from "valibot";
import type { KeyRing, RingKey } from "#keys/key-ring-port.ts";

export const keyId = pipe(string(), regex(/^[0-9a-f]{6}$/));

/** What is told of a key; never the key itself. */
export const keySchema = object({
  id: string(),
  name: string(),
  current: boolean(),
  origin: picklist(["generated", "imported"]),
  madeAt: string(),
  provenAt: nullable(string()),
});

export function describeKey(key: RingKey, { current }: KeyRing): InferOutput<typeof keySchema> {
  const { id, name, origin, madeAt, provenAt } = key;
  return { id, name, current: id === current, origin, madeAt, provenAt: provenAt ?? null };
}
