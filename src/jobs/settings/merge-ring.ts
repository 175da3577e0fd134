import { SafehouseError } from "#core/model/problem.ts";
import type { SettingChange } from "#core/settings/setting-changes.ts";
import type { KeyRing, KeyRingChange, Reveal, RingKey } from "#keys/key-ring-port.ts";
import type { ExportedKey, ExportedRing } from "./settings-document.ts";

export interface MergedRing extends KeyRingChange {
  readonly changes: readonly SettingChange[];
}

/**
 * What importing keys into a ring comes to: keys are added under their ids, and those that are there stay.
 * Throws `already-exists` if an id stands for another key here: plans would encrypt with the wrong one.
 */
export function mergeRing(
  ring: KeyRing,
  { current: wanted, keys }: ExportedRing,
  reveal: Reveal,
): MergedRing {
  const fresh = keys.filter(({ id, key }) => {
    if (ring.keys.every((known) => known.id !== id)) return true;
    if (reveal(id) === key) return false;
    throw new SafehouseError("already-exists", `Key ${id} in the file is not the key ${id} here`, {
      subject: id,
      advice: "Take it out of the file, and import it with: safehouse keys import",
    });
  });
  const current = wanted ?? ring.current;
  const added = fresh.map(({ id }) => ({ setting: "keys", item: id, change: "added" }) as const);
  const used = { setting: "keys", item: "current", change: "changed" } as const;
  return {
    ring: { current, keys: [...ring.keys, ...fresh.map(withoutSecret)] },
    added: new Map(fresh.map(({ id, key }) => [id, key])),
    changes: [...added, ...(current === ring.current ? [] : [used])],
  };
}

function withoutSecret({ id, name, origin, madeAt, provenAt }: ExportedKey): RingKey {
  return { id, name, origin, madeAt, provenAt };
}
