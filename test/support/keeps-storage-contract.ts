import { test } from "node:test";
import type { TestContext } from "node:test";
import { checksFor, runCheck } from "#storage/contract/storage-contract.ts";
import type { StorageProvider } from "#storage/provider.ts";

interface ContractOptions {
  /** Less for places of which each object takes long. */
  readonly manyObjects?: number;
  /** How many promises are tried at a time, where each one has a place of its own and mostly waits for it. */
  readonly atOnce?: number;
}

/**
 * Runs one test for each promise of the contract that the place's features choose.
 * @param make a fresh, empty place; it cleans up with `context.after`
 */
export function keepsStorageContract(
  name: string,
  make: (context: TestContext) => Promise<StorageProvider>,
  { manyObjects = 1000, atOnce = 1 }: ContractOptions = {},
): void {
  test(`${name} keeps the storage contract`, { concurrency: atOnce }, async (context) => {
    const checks = checksFor(await make(context));
    const tries = checks.map((check) =>
      context.test(check.promise, async (inner) => {
        const storage = await make(inner);
        const { signal } = new AbortController();
        await runCheck(check, { storage, prefix: "check/", signal, manyObjects });
      }),
    );
    await Promise.all(tries);
  });
}
