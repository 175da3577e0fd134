/**
 * Whole seconds from 0 to `longest`, by chance, and always the same for the same run: a restart does
 * not draw anew.
 * @param seed what runs of the same moment shall differ by
 * @param moment when the run is due, in milliseconds since 1970
 */
export function delayOf(seed: string, moment: number, longest: number): number {
  return Math.floor((hash(`${seed} ${moment}`) / 2 ** 32) * (longest + 1));
}

/** FNV-1a with the finish of MurmurHash3: neighbouring days must not get neighbouring numbers. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1)
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
