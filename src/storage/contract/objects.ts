import { strict as assert } from "node:assert";
import { StorageError } from "../errors.ts";
import type { StorageProblem } from "../errors.ts";
import type { Content, OpenBody, StorageProvider, StoredObject } from "../provider.ts";
import type { ContractContext } from "./contract-check.ts";

/** A body of the given chunks. */
export function body(...chunks: readonly (string | Uint8Array)[]): OpenBody {
  return async function* open() {
    for (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  };
}

/** Content of the given chunks, with nothing else said. */
export function content(...chunks: readonly (string | Uint8Array)[]): Content {
  return { open: body(...chunks) };
}

/** All bytes of an object, or of a range of it. */
export async function readAll(
  { storage, signal }: Pick<ContractContext, "storage" | "signal">,
  key: string,
  range?: Parameters<StorageProvider["read"]>[1],
): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(await storage.read(key, range, signal)));
}

/** Asserts that bytes are the same. An assertion of Node takes gigabytes to tell how a hundred kilobytes differ. */
export function sameBytes(found: Uint8Array, expected: Uint8Array): void {
  if (Buffer.compare(found, expected) === 0) return;
  const at = found.findIndex((byte, index) => byte !== expected[index]);
  const first = at === -1 ? found.length : at;
  assert.fail(`${found.length} bytes of ${expected.length}, others from ${first} on`);
}

/** Objects directly under a prefix, by key. */
export async function listed(
  { storage, signal }: Pick<ContractContext, "storage" | "signal">,
  prefix: string,
): Promise<readonly StoredObject[]> {
  const objects = (await Array.fromAsync(storage.list(prefix, signal))).flat();
  return objects.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** Asserts that the work rejects with this problem. */
export async function rejectsWith(work: Promise<unknown>, problem: StorageProblem): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert.ok(error instanceof StorageError, `rejected with ${String(error)}, not a StorageError`);
    assert.equal(error.problem, problem);
    return true;
  });
}

/** Bytes without pattern but the same each time. */
export function someBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}
