import { SafehouseError } from "#core/model/problem.ts";

/** A location wants its archives encrypted, and there is nothing to encrypt them with. */
export function noKeyFor(location: string): SafehouseError {
  return new SafehouseError(
    "password-needed",
    `Archives at ${location} are to be encrypted, and there is no key`,
    { subject: location, advice: "Make one with: safehouse keys new" },
  );
}
