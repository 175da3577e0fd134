import type { TestContext } from "node:test";
import type { NetworkPlace, ServedPlace } from "./network-places.ts";

/** A place at a server that ends with the test; undefined where there is none, and then the test is skipped. */
export async function servedFor(
  context: TestContext,
  place: NetworkPlace,
): Promise<ServedPlace | undefined> {
  const served = await place.serve();
  if (typeof served === "string") {
    context.skip(served);
    return undefined;
  }
  context.after(() => served[Symbol.asyncDispose]());
  return served;
}
