import { SafehouseError } from "#core/model/problem.ts";
import { findKey } from "./find-key.ts";
import type { KeyRing } from "./key-ring-port.ts";

/**
 * The ring without a key. Throws `not-found`, and `usage` for the current key while there are others: which
 * of them is to encrypt new backups has to be said.
 */
export function removeKey(ring: KeyRing, id: string): KeyRing {
  const { id: found } = findKey(ring, id);
  const keys = ring.keys.filter((key) => key.id !== found);
  if (ring.current !== found) return { ...ring, keys };
  if (keys.length === 0) return { current: undefined, keys };
  throw new SafehouseError("usage", `New backups are encrypted with key ${id}`, {
    subject: id,
    advice: "Choose another key for them first with: safehouse keys use",
  });
}
