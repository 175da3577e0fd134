import { SafehouseError } from "#core/model/problem.ts";
import type { KeyRing, RingKey } from "./key-ring-port.ts";

/** The key of that id. Throws `not-found`. */
export function findKey({ keys }: KeyRing, id: string): RingKey {
  const found = keys.find((key) => key.id === id);
  if (found !== undefined) return found;
  throw new SafehouseError("not-found", `There is no key ${id} in the key ring`, {
    subject: id,
    advice: "See what is there with: safehouse keys list",
  });
}
