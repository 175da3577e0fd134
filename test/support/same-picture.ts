import assert from "node:assert/strict";

/** Two pictures of a tree must be the same; a failure shows only the lines that are not. */
export function samePicture(
  actual: readonly string[],
  expected: readonly string[],
  message = "",
): void {
  const [had, has] = [new Set(expected), new Set(actual)];
  const gone = expected.filter((line) => !has.has(line)).map((line) => `- ${line}`);
  const come = actual.filter((line) => !had.has(line)).map((line) => `+ ${line}`);
  assert.deepEqual([...gone, ...come], [], message);
}
