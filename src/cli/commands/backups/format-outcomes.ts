import type { CopyOutcomeDocument } from "#operations/backups/copy-outcome-schema.ts";
import { exitIncomplete, exitOk } from "../../exit-codes.ts";
import { printable } from "../../output/table.ts";

/** One line for each copy. @param done what was done, as in "Removed" */
export function formatOutcomes(outcomes: readonly CopyOutcomeDocument[], done: string): string {
  return outcomes
    .map(({ location, file, error }) => {
      const where = `${printable(file)} at ${printable(location)}`;
      return error === undefined
        ? `${done} ${where}\n`
        : `NOT DONE: ${where}: ${printable(error.message)}\n`;
    })
    .join("");
}

/** 0 if it was done everywhere. */
export function exitCodeOf(outcomes: readonly CopyOutcomeDocument[]): number {
  return outcomes.some(({ error }) => error !== undefined) ? exitIncomplete : exitOk;
}
