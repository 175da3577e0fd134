import type { RingKey } from "#keys/key-ring-port.ts";
import { printable } from "../../output/table.ts";

/** A key for people: `3f9a1c "Summer house"`. */
export function keyText({ id, name }: Pick<RingKey, "id" | "name">): string {
  return `${id} "${printable(name)}"`;
}

/** What to do with a new key before it is relied on. */
export function kitText({ id }: Pick<RingKey, "id">): string {
  return `Save its emergency kit away from this machine: safehouse keys kit ${id} --to FILE
Then show that it is at hand:                  safehouse keys prove ${id}
`;
}
