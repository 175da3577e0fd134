import { findKey } from "./find-key.ts";
import type { KeyRing } from "./key-ring-port.ts";

/** The ring with a key whose kit was proven at that time, in milliseconds since 1970. Throws `not-found`. */
export function markProven(ring: KeyRing, id: string, now: number): KeyRing {
  const proven = { ...findKey(ring, id), provenAt: new Date(now).toISOString() };
  return { ...ring, keys: ring.keys.map((key) => (key.id === id ? proven : key)) };
}
