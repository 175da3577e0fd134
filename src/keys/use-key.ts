import { findKey } from "./find-key.ts";
import type { KeyRing } from "./key-ring-port.ts";

/** The ring with another current key. Throws `not-found`. */
export function useKey(ring: KeyRing, id: string): KeyRing {
  return { ...ring, current: findKey(ring, id).id };
}
