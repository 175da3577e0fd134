import type { TestContext } from "node:test";
import type { Certificate } from "../self-signed.ts";
import { Line } from "./line.ts";

/** A line to a server of this machine that ends with the test. */
export async function lineFor(
  context: TestContext,
  target: number,
  certificate?: Certificate,
): Promise<Line> {
  const line = await Line.to(target, certificate === undefined ? {} : { certificate });
  context.after(() => line[Symbol.asyncDispose]());
  return line;
}
