import { boolean, nullable, object, picklist, string, type InferOutput } from "valibot";
import type { KeyRing, RingKey } from "#keys/key-ring-port.ts";
import { idReference } from "../schema/names.ts";

export const keyId = idReference;

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
