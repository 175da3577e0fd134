import { checksFor, runCheck } from "#storage/contract/storage-contract.ts";
import { asSafehouseError } from "#storage/errors.ts";
import type { StorageProvider } from "#storage/provider.ts";

export interface LocationTestOptions {
  /** Folder for the test, with `/` at its end, which is used by nobody else. */
  readonly folder: string;
  /** Is told of each promise before it is tried. */
  readonly begins: (promise: string) => void;
  readonly signal: AbortSignal;
}

/** Whether a place keeps one promise that backups are built on. */
export interface PromiseKept {
  /** A sentence. */
  readonly promise: string;
  readonly kept: boolean;
  /** What happened instead. */
  readonly message: string | undefined;
}

/** Enough to see that lists come in pages, and few enough for a slow line. */
const manyObjects = 50;

/**
 * Tries out at a place whether it keeps what backups are built on, in a folder of its own that is gone afterwards,
 * also if the test is cancelled. Rejects if the place does not even answer.
 */
export async function testLocation(
  storage: StorageProvider,
  { folder, begins, signal }: LocationTestOptions,
): Promise<readonly PromiseKept[]> {
  await Array.fromAsync(storage.list(folder, signal));
  const results: PromiseKept[] = [];
  const context = { storage, prefix: folder, manyObjects };
  try {
    for (const check of checksFor(storage)) {
      signal.throwIfAborted();
      begins(check.promise);
      const { promise } = check;
      try {
        await runCheck(check, { ...context, signal });
        results.push({ promise, kept: true, message: undefined });
      } catch (error) {
        signal.throwIfAborted();
        results.push({ promise, kept: false, message: messageOf(asSafehouseError(error)) });
      }
    }
  } finally {
    const nothing = { promise: "Nothing is left", run: async () => undefined };
    await runCheck(nothing, { ...context, signal: new AbortController().signal });
  }
  return results;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
