import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StorageError } from "../errors.ts";
import { alreadyThere } from "./look-at.ts";
import { removeUpload } from "./remove.ts";
import type { Rsync } from "./rsync.ts";
import { runTelling, type TellSent } from "./run-telling.ts";
import { sendSmall } from "./send-small.ts";
import { unfinishedFolder } from "./working-names.ts";
import { inSpool, makeWorkFolder } from "./work-folder.ts";

export interface WholeObject {
  readonly key: string;
  /** Folder of this machine in which it lies below its key. */
  readonly tree: string;
  readonly overwrite: boolean;
  readonly sent: TellSent | undefined;
}

/**
 * Sends a whole object in one run. rsync itself lets it grow under another name, among the unfinished ones (`--temp-dir`),
 * and renames it.
 */
export async function sendWhole(
  rsync: Rsync,
  object: WholeObject,
  signal: AbortSignal,
): Promise<void> {
  try {
    await sendOnce(rsync, object, signal);
  } catch (error) {
    if (!isMissingFolder(error)) throw error;
    await sendSmall(rsync, { subject: object.key, folders: [unfinishedFolder] }, signal);
    await sendOnce(rsync, object, signal);
  }
}

async function sendOnce(
  rsync: Rsync,
  { key, tree, overwrite, sent }: WholeObject,
  signal: AbortSignal,
): Promise<void> {
  const options = [
    "-r",
    "--ignore-times",
    "--whole-file",
    "--out-format=%i",
    `--temp-dir=${unfinishedFolder}`,
    ...(overwrite ? [] : ["--ignore-existing"]),
  ];
  const order = { subject: key, options, push: tree };
  const said = await runTelling(rsync, { order, begin: 0, sent, isLast: true }, signal);
  if (!/^<f/m.test(said)) throw alreadyThere(key);
}

/** The folder for unfinished objects is not there yet, or no longer: rsync of today finds out at once, older ones in the middle. */
function isMissingFolder(error: unknown): boolean {
  if (!(error instanceof StorageError) || !(error.cause instanceof Error)) return false;
  return /temp-dir does not exist|mkstemp.*No such file/i.test(error.cause.message);
}

/**
 * Gives an object that was uploaded its name. rsync knows no renaming, but it renames what it removes into the folder for
 * backups, with the path that it had (`--backup-dir`): so the upload is removed from its folder, and the place itself is the folder for
 * backups. What has the name is replaced; whether that may be has to be found out right before.
 */
export async function publishUpload(
  rsync: Rsync,
  { key, id }: { readonly key: string; readonly id: string },
  signal: AbortSignal,
): Promise<void> {
  await using work = await makeWorkFolder(rsync.settings.spool);
  const at = `${unfinishedFolder}${id}/`;
  // Seen from the upload's folder, where the place's own is not known from the root.
  const place = rsync.root ?? "../../..";
  const options = ["-r", "--delete", "--backup", `--backup-dir=${place}`];
  await rsync.run({ subject: key, options, push: work.path, at }, signal);
  await removeUpload(rsync, id, signal);
}

/** Says when an object was changed, in milliseconds since 1970. */
export async function setTime(
  rsync: Rsync,
  object: { readonly key: string; readonly size: number; readonly modifiedAt: number },
  signal: AbortSignal,
): Promise<void> {
  const { key, size, modifiedAt } = object;
  const { spool } = rsync.settings;
  await using work = await makeWorkFolder(spool);
  await inSpool(spool, async () => {
    const path = join(work.path, key);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await using hole = await open(path, "wx", 0o600);
    await hole.truncate(size);
    await hole.utimes(modifiedAt / 1000, modifiedAt / 1000);
  });
  // Neither is the hole sent instead of what is there, nor is it sent where nothing is any more.
  const options = ["-r", "--existing", "--size-only", "--times", "--omit-dir-times"];
  await rsync.run({ subject: key, options, push: work.path }, signal);
}
