import { setTimeout as pause } from "node:timers/promises";
import { StorageError } from "../errors.ts";
import type { StoredObject } from "../provider.ts";
import { access, disposition, sharing, SmbFile } from "./protocol/file.ts";
import { goesWhenClosed, linkFile, renameFile } from "./protocol/file-changes.ts";
import { isStatus, SmbError } from "./protocol/smb-error.ts";
import type { SmbTree } from "./protocol/tree.ts";

/** What becomes of an unfinished file. */
export interface Publication {
  readonly tree: SmbTree;
  readonly key: string;
  /** Path of the object, and of the folder that it lies in, from the top of the share. */
  readonly path: string;
  readonly folder: string;
  readonly overwrite: boolean;
  stat(): Promise<StoredObject>;
  translating<Result>(work: () => Promise<Result>): Promise<Result>;
}

const pausesInMs = [50, 100, 200, 400, 800];

/** Gives a whole, flushed file its name, closes it and brings the name to stable storage as well. */
export async function publish(
  file: SmbFile,
  publication: Publication,
  signal: AbortSignal,
): Promise<StoredObject> {
  if (publication.overwrite) await replace(file, publication, signal);
  else await nameAnew(file, publication.path, signal);
  await file.close(signal);
  await flushFolder(publication, signal);
  try {
    return await publication.stat();
  } catch (error) {
    if (!(error instanceof StorageError && error.problem === "not-found")) throw error;
    const { key } = publication;
    const message = `${key}: the server has removed a file that it was told to keep`;
    throw new StorageError("unsupported", message, { key, cause: error });
  }
}

/**
 * Two writers must not both get the name. Samba 4.17 looks whether it is free and then renames, and loses that race
 * between two of its processes; a second name is made by its system in one step. Where there are no second names, on FAT for
 * one, the rename has to do.
 */
async function nameAnew(file: SmbFile, path: string, signal: AbortSignal): Promise<void> {
  try {
    await linkFile(file, path, signal);
  } catch (error) {
    if (!(error instanceof SmbError) || isStatus(error, "OBJECT_NAME_COLLISION")) throw error;
    await renameFile(file, { path, replaces: false }, signal);
    return;
  }
  // The first name goes, by which it was opened.
  await goesWhenClosed(file, true, signal);
}

async function replace(
  file: SmbFile,
  publication: Publication,
  signal: AbortSignal,
): Promise<void> {
  const { path } = publication;
  for (const inMs of [...pausesInMs, undefined]) {
    try {
      return await renameFile(file, { path, replaces: true }, signal);
    } catch (error) {
      // Windows and Samba do not replace a file while somebody reads it, and readers of notes are quick.
      if (!isStatus(error, "ACCESS_DENIED", "SHARING_VIOLATION")) throw error;
      if (inMs === undefined) throw await whyNotReplaced(error, publication, signal);
      await pause(inMs, undefined, { signal });
    }
  }
}

async function whyNotReplaced(
  error: unknown,
  { tree, key, path }: Publication,
  signal: AbortSignal,
): Promise<unknown> {
  try {
    const request = { path, access: access.delete, sharing: sharing.all, kind: "file" } as const;
    const file = await SmbFile.open(tree, { ...request, disposition: disposition.open }, signal);
    await file.close(signal);
  } catch (refusal) {
    return isStatus(refusal, "ACCESS_DENIED") ? refusal : error;
  }
  const message = `${key} cannot be replaced while somebody reads it`;
  return new StorageError("busy", message, { key, cause: error });
}

/** Not every server can. Those that cannot keep names safe by themselves, or not at all. */
async function flushFolder({ tree, folder }: Publication, signal: AbortSignal): Promise<void> {
  try {
    const request = { path: folder, access: access.addFile, sharing: sharing.all } as const;
    const open = await SmbFile.open(
      tree,
      { ...request, disposition: disposition.open, kind: "folder" },
      signal,
    );
    try {
      await open.flush(signal);
    } finally {
      await open.close(signal);
    }
  } catch (error) {
    if (!(error instanceof SmbError)) throw error;
  }
}
