const second = 1000;
const hour = 3600 * second;

/**
 * Milliseconds until something that could not be told is tried again: half a minute, then twice as long each time, an
 * hour at most.
 * @param attempts how often it was tried, at least 1
 * @param chance from 0 up to, but not including, 1: cuts the pause to between half and all of it
 */
export function deliveryPause(attempts: number, chance: number): number {
  const longest = Math.min(hour, 30 * second * 2 ** (attempts - 1));
  return Math.round((longest * (1 + chance)) / 2);
}
