import { describe, it } from "node:test";
import type { TestContext } from "node:test";
import type { StorageProvider } from "../provider.ts";
import { runCheck, storageContract } from "./storage-contract.ts";

/**
 * Declares one test for each promise of the contract; what does not apply is skipped by its features.
 * @param make a fresh, empty place; it cleans up with `context.after`
 * @param manyObjects for places of which each object takes long
 */
export function keepsStorageContract(
  name: string,
  make: (context: TestContext) => Promise<StorageProvider>,
  manyObjects = 1000,
): void {
  describe(`${name} keeps the storage contract`, () => {
    for (const check of storageContract) {
      it(check.promise, async (context) => {
        const storage = await make(context);
        if (check.applies?.(storage.features) === false) {
          context.skip(`does not apply to ${JSON.stringify(storage.features)}`);
          return;
        }
        const { signal } = new AbortController();
        await runCheck(check, { storage, prefix: "check/", signal, manyObjects });
      });
    }
  });
}
