import type { KeyRing, RingKey } from "#keys/key-ring-port.ts";
import { printable } from "../../output/table.ts";

/** A key as `--json` shows it; never the key itself. */
export function keyJson(key: RingKey, { current }: KeyRing): unknown {
  const { id, name, origin, madeAt, provenAt } = key;
  return { id, name, current: id === current, origin, madeAt, provenAt: provenAt ?? null };
}

/** A key for people: `3f9a1c "Summer house"`. */
export function keyText({ id, name }: RingKey): string {
  return `${id} "${printable(name)}"`;
}

/** What to do with a new key before it is relied on. */
export function kitText({ id }: RingKey): string {
  return `Save its emergency kit away from this machine: safehouse keys kit ${id} --to FILE
Then show that it is at hand:                  safehouse keys prove ${id}
`;
}
