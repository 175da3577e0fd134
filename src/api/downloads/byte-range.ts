/** Bytes of a whole. */
export interface ByteRange {
  readonly offset: number;
  /** At least 1. */
  readonly length: number;
}

/**
 * The bytes that a `Range` header asks for (RFC 9110, section 14). Undefined where the whole is to be sent: without the
 * header, and for what we do not serve: several ranges, other units, and what cannot be read.
 * @param size bytes of the whole
 */
export function rangeWanted(
  header: string | undefined,
  size: number,
): ByteRange | "unsatisfiable" | undefined {
  const [, first = "", last = ""] = /^bytes[ ]*=[ ]*(\d*)-(\d*)[ ]*$/i.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "") return satisfiable(Math.max(0, size - Number(last)), size - 1, size);
  if (last !== "" && Number(last) < Number(first)) return undefined;
  return satisfiable(Number(first), last === "" ? size - 1 : Number(last), size);
}

function satisfiable(first: number, last: number, size: number): ByteRange | "unsatisfiable" {
  if (first >= size) return "unsatisfiable";
  return { offset: first, length: Math.min(last, size - 1) - first + 1 };
}
