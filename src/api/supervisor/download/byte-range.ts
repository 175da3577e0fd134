/** Some of the bytes of a file: a length of at least 1, wholly inside. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * What a `Range` header asks for. `undefined`: the whole file, also for several ranges and whatever else is not
 * understood, as RFC 9110 allows; `"none"`: nothing of the file.
 * @param size bytes of the file
 */
export function byteRange(header: string, size: number): ByteRange | "none" | undefined {
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(header);
  if (match === null) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "") return last === "" ? undefined : suffix(Number(last), size);
  const offset = Number(first);
  if (last !== "" && Number(last) < offset) return undefined;
  if (offset >= size) return "none";
  const end = last === "" ? size : Math.min(Number(last) + 1, size);
  return { offset, length: end - offset };
}

function suffix(count: number, size: number): ByteRange | "none" {
  const length = Math.min(count, size);
  return length === 0 ? "none" : { offset: size - length, length };
}
