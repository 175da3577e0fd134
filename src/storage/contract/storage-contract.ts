import type { StorageProvider } from "../provider.ts";
import type { ContractCheck, ContractContext } from "./contract-check.ts";
import { incomingChecks } from "./incoming-checks.ts";
import { objectWriterChecks } from "./object-writer-checks.ts";
import { readingChecks } from "./reading-checks.ts";
import { resumingChecks } from "./resuming-checks.ts";
import { writingChecks } from "./writing-checks.ts";

/** Everything that a provider promises, in the order in which it is best tried out. */
export const storageContract: readonly ContractCheck[] = [
  ...writingChecks,
  ...readingChecks,
  ...objectWriterChecks,
  ...resumingChecks,
  ...incomingChecks,
];

/** The checks that apply to a provider. */
export function checksFor(storage: StorageProvider): readonly ContractCheck[] {
  return storageContract.filter((check) => check.applies?.(storage.features) !== false);
}

/** Runs one check and removes what it left, also if it fails. Rejects if the promise is broken. */
export async function runCheck(check: ContractCheck, context: ContractContext): Promise<void> {
  try {
    await check.run(context);
  } finally {
    await removeBelow(context);
  }
}

/** Folders that checks write into, deepest first. */
const folders = ["deep/er/", "deep/", "many/", "folder/", ""];

async function removeBelow({ storage, prefix, signal }: ContractContext): Promise<void> {
  for (const folder of folders) {
    for await (const page of storage.list(prefix + folder, signal)) {
      for (const { key } of page) await storage.remove(key, signal);
    }
  }
}
