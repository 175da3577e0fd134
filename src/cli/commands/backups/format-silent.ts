import type { LocationAnswerDocument } from "#operations/backups/backup-schema.ts";
import { printable } from "../../output/table.ts";

/** One line for each location that does not answer; empty if all do. */
export function formatSilent(locations: readonly LocationAnswerDocument[]): string {
  return locations
    .map(({ id, asOf, problem }) => {
      if (problem === undefined) return "";
      const since =
        asOf === undefined
          ? "nothing is known of it"
          : `what it held is told as of ${asOf.slice(0, 16).replace("T", " ")}`;
      return `Location ${id} DOES NOT ANSWER (${printable(problem.message)}); ${since}\n`;
    })
    .join("");
}
