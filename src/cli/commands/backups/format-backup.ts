import type { RingKey } from "#keys/key-ring-port.ts";
import type { DeliveredDocument } from "#operations/backups/delivered-schema.ts";
import type { MadeDocument } from "#operations/backups/made-schema.ts";
import { formatBytes, formatSeconds } from "../../output/format-bytes.ts";
import { formatNotes } from "../../output/format-notes.ts";
import { formatTable, printable } from "../../output/table.ts";

const headlines: Readonly<Record<MadeDocument["status"], string>> = {
  complete: "is complete",
  warnings: "is made, with warnings",
  incomplete: "is INCOMPLETE",
};

/** How it came to the encryption of a backup. */
export interface EncryptionChoice {
  /** Key of the ring; undefined for a password that was given, and where nothing is encrypted. */
  readonly key: Pick<RingKey, "id" | "name"> | undefined;
  /** Encryption was declined in so many words. */
  readonly declined: boolean;
}

/** A finished backup for people. */
export function formatBackup(result: MadeDocument, choice: EncryptionChoice): string {
  const rows = result.parts.map(({ part, status, files, bytes, storedBytes }) => [
    part,
    status,
    String(files),
    formatBytes(bytes),
    formatBytes(storedBytes),
  ]);
  const table = formatTable(
    [
      { title: "PART" },
      { title: "STATUS" },
      { title: "FILES", right: true },
      { title: "SIZE", right: true },
      { title: "STORED", right: true },
    ],
    rows,
  );
  const notes = result.parts.map(({ part, notes: found, error }) => {
    const failure = error === undefined ? "" : `  FAILED: ${printable(error)}\n`;
    return found.length > 0 || error !== undefined
      ? `${part}:\n${failure}${formatNotes(found)}`
      : "";
  });
  const checked =
    result.verified === undefined ? "not read back" : `read back and ${result.verified.verdict}`;
  return [
    ...result.recovered.map((action) => `${printable(action)}\n`),
    `Backup ${result.slug} "${printable(result.name)}" ${headlines[result.status]}\n`,
    table,
    ...notes,
    `${printable(result.fileName)} at ${printable(result.location)}: ${formatBytes(result.size)} in ${formatSeconds(result.seconds)}, ${checked}, ${encryptionText(result, choice)}\n`,
    ...result.copies.filter(isWorthTelling(result)).map(formatCopy),
  ].join("");
}

/** What is there where it was made is told already. */
function isWorthTelling(result: MadeDocument): (copy: DeliveredDocument) => boolean {
  return ({ location, error }) => location !== result.location || error !== undefined;
}

const copyStates: Readonly<Record<DeliveredDocument["state"], string>> = {
  verified: "read back",
  unverified: "there, but not read back",
  damaged: "DAMAGED",
  missing: "NOT there",
};

/** One copy of a backup for people. */
export function formatCopy({ location, state, verdict, error }: DeliveredDocument): string {
  const proof = verdict === undefined ? copyStates[state] : `${copyStates[state]} and ${verdict}`;
  const why = error === undefined ? "" : `: ${printable(error.message)}`;
  return `Copy at ${printable(location)}: ${proof}${why}\n`;
}

function encryptionText(result: MadeDocument, { key, declined }: EncryptionChoice): string {
  if (!result.protected && declined) return "NOT encrypted";
  if (!result.protected)
    return "NOT encrypted; make a key with: safehouse keys new; or give a password with --password-file or --ask-password";
  return key === undefined ? "encrypted" : `encrypted with key ${key.id} "${printable(key.name)}"`;
}
