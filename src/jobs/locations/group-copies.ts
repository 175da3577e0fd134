import type { ListedBackup } from "../backup/list-backups.ts";

/** One archive of a backup at a location. */
export interface ListedCopy extends Pick<
  ListedBackup,
  | "location"
  | "file"
  | "size"
  | "modifiedAt"
  | "protected"
  | "problems"
  | "verification"
  | "pinned"
  | "note"
> {
  /** Damaged if its headers or the last verification say so. */
  readonly state: "present" | "damaged";
}

/** A backup with all its copies. What is told of the backup itself is told by the first of them. */
export interface BackupWithCopies extends ListedBackup {
  /** At least one; those that are whole first. */
  readonly copies: readonly ListedCopy[];
}

/**
 * Each backup once, newest first. Archives are copies of one backup if slug, date and name are the same: a slug
 * has eight digits, and nobody keeps two homes from drawing the same one. What cannot be read as far as that is
 * a copy of nothing else.
 * @param archives in the order in which their locations are preferred
 */
export function groupCopies(archives: readonly ListedBackup[]): readonly BackupWithCopies[] {
  const groups = Map.groupBy(archives, identityOf);
  return Array.from(groups.values(), withCopies)
    .map((backup) => ({ backup, time: timeOf(backup) }))
    .toSorted((a, b) => b.time - a.time || (a.backup.file < b.backup.file ? -1 : 1))
    .map(({ backup }) => backup);
}

function identityOf({ slug, date, name, location, file }: ListedBackup): string {
  const known = slug === undefined ? [location, file] : [slug, instantOf(date), name];
  return JSON.stringify(known);
}

/** One moment can be written in several ways. */
function instantOf(date: string | undefined): number | string | undefined {
  const time = Date.parse(date ?? "");
  return Number.isNaN(time) ? date : time;
}

function withCopies(archives: readonly ListedBackup[]): BackupWithCopies {
  const [first, ...others] = archives;
  if (first === undefined) throw new Error("A group without archives");
  const sorted = [first, ...others].toSorted((a, b) => rankOf(a) - rankOf(b));
  return { ...(sorted[0] ?? first), copies: sorted.map(copyOf) };
}

function rankOf(archive: ListedBackup): number {
  return stateOf(archive) === "present" ? 0 : 1;
}

function stateOf({ problems, verification }: ListedBackup): ListedCopy["state"] {
  const verdict = verification?.verdict;
  const failed = verdict === "damaged" || verdict === "missing";
  return failed || problems.length > 0 ? "damaged" : "present";
}

function copyOf(archive: ListedBackup): ListedCopy {
  const { location, file, size, modifiedAt, problems, verification, pinned, note } = archive;
  return {
    location,
    file,
    size,
    modifiedAt,
    protected: archive.protected,
    state: stateOf(archive),
    problems,
    verification,
    pinned,
    note,
  };
}

function timeOf({ date, modifiedAt }: ListedBackup): number {
  const time = Date.parse(date ?? "");
  // Nobody knows when: at the end.
  return Number.isNaN(time) ? Date.parse(modifiedAt ?? "1970-01-01") : time;
}
