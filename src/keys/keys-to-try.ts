import type { KeyRing, RingKey } from "./key-ring-port.ts";

/**
 * The keys of a ring in the order in which they are worth trying on an archive, for each try takes a tenth of
 * a second: those that were there when it was made, newest first; then those that came later, oldest first.
 *
 * @param date ISO date-time of the archive; text that is none puts the newest keys first
 */
export function keysToTry({ keys }: KeyRing, date: string): readonly RingKey[] {
  const madeAt = Date.parse(date);
  const byAge = keys.toSorted((a, b) => Date.parse(a.madeAt) - Date.parse(b.madeAt));
  const isLater = (key: RingKey): boolean => Date.parse(key.madeAt) > madeAt;
  return [...byAge.filter((key) => !isLater(key)).toReversed(), ...byAge.filter(isLater)];
}
