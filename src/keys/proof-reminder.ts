import type { RingKey } from "./key-ring-port.ts";

/** A sentence that reminds of a kit that nobody has proven to have; undefined if there is no need. */
export function proofReminder({ id, name, provenAt }: RingKey): string | undefined {
  if (provenAt !== undefined) return undefined;
  return `Nobody has shown yet that the emergency kit of key ${id} "${name}" is at hand: safehouse keys prove ${id}`;
}
