import { SafehouseError } from "#core/model/problem.ts";
import { parseSealedText, type SealedText } from "./sealed-text.ts";

/** What a person has written about a backup. That about an encrypted one is sealed with its key. */
export type PersonNote = PlainNote | SealedNote;

interface PlainNote {
  readonly text: string;
  /** ISO date-time. */
  readonly at: string;
}

interface SealedNote {
  readonly sealed: SealedText;
  /** ISO date-time. */
  readonly at: string;
}

/** Characters. */
const longestNote = 2000;

/** A note as it lies in the notes on a backup; undefined for what is none. */
export function parsePersonNote(value: unknown): PersonNote | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { text, sealed, at } = value as Readonly<Record<string, unknown>>;
  if (typeof at !== "string") return undefined;
  const known = parseSealedText(sealed);
  if (known !== undefined) return { sealed: known, at };
  return typeof text === "string" && text.length <= longestNote ? { text, at } : undefined;
}

/** The text of a new note, without blanks around it. Throws `usage` for one that is too long. */
export function checkedNoteText(text: string): string {
  const trimmed = text.toWellFormed().trim();
  if (trimmed.length <= longestNote) return trimmed;
  throw new SafehouseError("usage", `The note has ${trimmed.length} characters`, {
    advice: `Write at most ${longestNote}`,
  });
}
