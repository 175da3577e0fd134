/**
 * Gives memory back at once that would wait for a collection of garbage, and count as used until then.
 * Only for bytes whose buffer is the caller's own and that nobody reads or writes any more: no call that was
 * given them may be under way. What a zlib stream gives out shares its buffer with what comes next.
 */
export function letGo({ buffer, byteLength }: Uint8Array): void {
  // Small buffers share one; none of those covers half of it.
  if (buffer instanceof ArrayBuffer && 2 * byteLength > buffer.byteLength) buffer.transfer(0);
}
