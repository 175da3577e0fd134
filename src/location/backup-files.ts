import { SafehouseError } from "#core/model/problem.ts";

/** Folder in which Safehouse keeps what only it knows about the backups beside it. */
export const ownFolder = ".safehouse/";

/** Key of the notes on a backup: a small JSON document. */
export function notesKey(slug: string): string {
  return `${ownFolder}${checkedSlug(slug)}.json`;
}

/** Key of the index of a backup. */
export function indexKey(slug: string): string {
  return `${ownFolder}${checkedSlug(slug)}.index`;
}

/** Key of something that was brought and is no backup that is listed. @param id hexadecimal digits */
export function asideKey(id: string): string {
  if (/^[0-9a-f]{32}$/.test(id)) return `${ownFolder}inbox/${id}.tar`;
  throw new RangeError(`"${id}" is no id`);
}

/** True if files of ours can be named after the slug. Slugs come from archives and prove nothing. */
export function isSlug(text: string): boolean {
  return /^[0-9a-f]{8}$/.test(text);
}

/** The slug that an object holds the notes of; undefined for every other object. */
export function slugOfNotes(key: string): string | undefined {
  return /^\.safehouse\/([0-9a-f]{8})\.json$/.exec(key)?.[1];
}

/** The slug that an object holds the notes or the index of; undefined for every other object. */
export function slugOfSidecar(key: string): string | undefined {
  return /^\.safehouse\/([0-9a-f]{8})\.(json|index)$/.exec(key)?.[1];
}

/** True for what is listed as a backup: any `*.tar` at the top that is not hidden. */
export function isArchiveKey(key: string): boolean {
  return archiveName.test(key);
}

/**
 * Key of a new archive. Throws `usage` for a name that Home Assistant would not list
 * (docs/format.md, section 4) or that is longer than the place takes.
 */
export function archiveKey(fileName: string, longestName: number): string {
  if (!archiveName.test(fileName) || !fileName.isWellFormed() || hasControls(fileName)) {
    throw new SafehouseError(
      "usage",
      `A backup's file must be called NAME.tar, not "${fileName}"`,
      {
        subject: fileName,
      },
    );
  }
  const bytes = new TextEncoder().encode(fileName).length;
  if (bytes <= longestName) return fileName;
  throw new SafehouseError("usage", `The file name has ${bytes} bytes, more than ${longestName}`, {
    subject: fileName,
    advice: "Give the backup a shorter name",
  });
}

const archiveName = /^[^.\\/][^\\/]*\.tar$/;

function hasControls(text: string): boolean {
  for (const character of text) if ((character.codePointAt(0) ?? 0) < 0x20) return true;
  return false;
}

function checkedSlug(slug: string): string {
  if (isSlug(slug)) return slug;
  throw new SafehouseError("unsupported", `"${slug}" is no slug, so nothing is kept for it`, {
    subject: slug,
  });
}
