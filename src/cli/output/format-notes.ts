import type { EntryNote } from "#core/model/part-event.ts";
import { printable } from "./table.ts";

const mostShown = 20;

/** Notes on single entries, indented, the first twenty of them. */
export function formatNotes(notes: readonly EntryNote[]): string {
  const lines = notes
    .slice(0, mostShown)
    .map(({ path, message }) => `  ${printable(path)}: ${printable(message)}\n`);
  const rest = notes.length - mostShown;
  return `${lines.join("")}${rest > 0 ? `  … and ${rest} more; see --json\n` : ""}`;
}
