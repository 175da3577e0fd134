import { keyGroups } from "../key-groups.ts";

/**
 * True if a copy of the kit, as text or as page, holds the key. A password that is no key of Home Assistant's
 * shape must stand in a line of its own, for it may be a word like any other.
 */
export function kitHolds(copy: string, secret: string): boolean {
  const isKey = keyGroups(secret) !== undefined;
  const holds = (line: string): boolean =>
    isKey ? line.includes(secret) : line.trim() === secret.trim();
  return copy.split(/\r?\n/).some((line) => holds(line) || holds(withoutMarkup(line)));
}

function withoutMarkup(line: string): string {
  return line
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll(/&#(\d{1,7});/g, (whole, code: string) =>
      Number(code) <= 0x10ffff ? String.fromCodePoint(Number(code)) : whole,
    );
}
