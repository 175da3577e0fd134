import { SafehouseError } from "#core/model/problem.ts";

/**
 * A name as a part of an address. Dots alone lead to another address, encoded or not. Throws `not-found` for a
 * name that no address can hold.
 */
export function pathSegment(name: string): string {
  if (["", ".", ".."].includes(name))
    throw new SafehouseError("not-found", `There is nothing of the name "${name}"`);
  return encodeURIComponent(name);
}
