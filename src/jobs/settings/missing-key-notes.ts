import { currentKey } from "#core/model/plan.ts";
import { parseHomePlan } from "#core/plan/home-plan.ts";
import type { KeyRing } from "#keys/key-ring-port.ts";

/**
 * Sentences about plans that will fail because the ring has not the key that they encrypt with.
 * @param plans documents of plans, checked before
 */
export function missingKeyNotes(plans: readonly unknown[], ring: KeyRing): readonly string[] {
  return plans.map(parseHomePlan).flatMap(({ id, encryptionKey }) => {
    if (encryptionKey === undefined) return [];
    const wanted = encryptionKey === currentKey ? ring.current : encryptionKey;
    if (ring.keys.some((key) => key.id === wanted)) return [];
    const key = encryptionKey === currentKey ? "the current key" : `key ${encryptionKey}`;
    return [
      `Plan ${id} encrypts with ${key}, which is not in the key ring: it fails until it is; see safehouse keys import`,
    ];
  });
}
