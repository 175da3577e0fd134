import { SafehouseError } from "#core/model/problem.ts";

/**
 * Writers put the size into the header when everything else is done, so 0 in front of content means that
 * the writer never got there.
 */
export function checkFinished(plainSize: number, hasContent: boolean): void {
  if (plainSize === 0 && hasContent) {
    throw new SafehouseError(
      "truncated",
      "The inner archive was never finished: its header says that it is empty",
    );
  }
}

export function missingBytes(count: number): SafehouseError {
  return new SafehouseError(
    "truncated",
    `The inner archive ends too early: at least ${count} bytes are missing`,
  );
}
