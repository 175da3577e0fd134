import { StorageError } from "./errors.ts";
import type { Patch } from "./provider.ts";

export interface PatchRequest {
  readonly patch: Patch;
  /** Argument of the last `holdFrom`; 0 at first. */
  readonly heldFrom: number;
  /** Bytes written so far. */
  readonly size: number;
  readonly offset: number;
  readonly length: number;
}

/** Throws unless the bytes may be rewritten, as `ObjectWriter.patchAt` promises it. */
export function checkPatch(request: PatchRequest): void {
  const { patch, heldFrom, size, offset, length } = request;
  if (patch === "none") {
    throw new StorageError("unsupported", "Bytes that were written cannot be changed here");
  }
  if (offset < 0 || offset + length > size) {
    throw new RangeError(`Bytes ${offset} to ${offset + length} are not among the ${size} written`);
  }
  if (patch === "parts" && offset < heldFrom) {
    throw new RangeError(`Bytes from ${offset} on are no longer held, only those from ${heldFrom}`);
  }
}
