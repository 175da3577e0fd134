import { test } from "node:test";
import type { TestContext } from "node:test";
import { checksFor, runCheck } from "#storage/contract/storage-contract.ts";
import type { StorageProvider } from "#storage/provider.ts";

/**
 * Runs one test for each promise of the contract that the place's features choose.
 * @param make a fresh, empty place; it cleans up with `context.after`
 * @param manyObjects for places of which each object takes long
 */
export function keepsStorageContract(
  name: string,
  make: (context: TestContext) => Promise<StorageProvider>,
  manyObjects = 1000,
): void {
  test(`${name} keeps the storage contract`, async (context) => {
    for (const check of checksFor(await make(context))) {
      await context.test(check.promise, async (inner) => {
        const storage = await make(inner);
        const { signal } = new AbortController();
        await runCheck(check, { storage, prefix: "check/", signal, manyObjects });
      });
    }
  });
}
