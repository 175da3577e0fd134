import { keyGroups } from "../key-groups.ts";
import { kitLines } from "./kit-lines.ts";

/**
 * True if a copy of the kit, as text or as page, holds the key. A password that is no key of Home Assistant's
 * shape must stand in a line of its own, for it may be a word like any other.
 */
export function kitHolds(copy: string, secret: string): boolean {
  const isKey = keyGroups(secret) !== undefined;
  return kitLines(copy).some((line) =>
    isKey ? line.includes(secret) : line.trim() === secret.trim(),
  );
}
