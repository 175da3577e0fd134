import {
  boolean,
  maxLength,
  minLength,
  nullable,
  object,
  picklist,
  pipe,
  regex,
  string,
  type InferOutput,
} from "valibot";
import type { KeyRing, RingKey } from "#keys/key-ring-port.ts";

/** Six hexadecimal digits; anything else is simply not found. */
export const keyId = pipe(string(), minLength(1), maxLength(64), regex(/^[^/\\\0]+$/u));

/** What is told of a key; never the key itself. */
export const keySchema = object({
  id: string(),
  name: string(),
  current: boolean(),
  origin: picklist(["generated", "imported"]),
  madeAt: string(),
  provenAt: nullable(string()),
});

/** A key as it comes over the wire. */
export type KeyDocument = InferOutput<typeof keySchema>;

export function describeKey(key: RingKey, { current }: KeyRing): KeyDocument {
  const { id, name, origin, madeAt, provenAt } = key;
  return { id, name, current: id === current, origin, madeAt, provenAt: provenAt ?? null };
}
