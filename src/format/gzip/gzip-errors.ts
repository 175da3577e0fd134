import { SafehouseError } from "#core/model/problem.ts";

/** @param what end of the sentence: what is wrong */
export function damagedGzip(what: string, cause?: unknown): SafehouseError {
  return new SafehouseError("damaged", `The gzip data is damaged: ${what}`, { cause });
}

export function truncatedGzip(cause?: unknown): SafehouseError {
  return new SafehouseError("truncated", "The gzip data ends too early", { cause });
}
