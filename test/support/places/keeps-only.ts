import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { bigBody } from "./big-body.ts";

/** Asserts that a folder shows one file alone, and that its bytes are those of `bigBody`. */
export async function keepsOnly(
  folder: string,
  { fileName, size }: { readonly fileName: string; readonly size: number },
): Promise<void> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith("."));
  assert.deepEqual(names, [fileName]);
  const theirs = await hashOf(createReadStream(join(folder, fileName)));
  assert.equal(theirs, await hashOf(bigBody(size)), "other bytes are there");
}

async function hashOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const some of bytes) hash.update(some);
  return hash.digest("hex");
}
