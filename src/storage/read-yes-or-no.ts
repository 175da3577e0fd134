import { SafehouseError } from "#core/model/problem.ts";

/** Yes or no, as a person has typed it. Throws `usage` for anything else. */
export function readYesOrNo(name: string, given: unknown): boolean {
  const text = String(given).trim().toLowerCase();
  if (["yes", "true", "on", "1"].includes(text)) return true;
  if (["no", "false", "off", "0"].includes(text)) return false;
  throw new SafehouseError("usage", `${name} has to be yes or no, not "${String(given)}"`, {
    subject: name,
  });
}
