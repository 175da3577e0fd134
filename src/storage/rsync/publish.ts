import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StorageError } from "../errors.ts";
import { alreadyThere } from "./look-at.ts";
import { onlyBelow, onlyThese } from "./pattern.ts";
import { removeFile } from "./remove.ts";
import type { Rsync } from "./rsync.ts";
import { runTelling, type TellSent } from "./run-telling.ts";
import { sendSmall } from "./send-small.ts";
import { unfinishedFolder } from "./working-names.ts";
import { inSpool, makeWorkFolder, type WorkFolder } from "./work-folder.ts";

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
  return /temp-dir does not exist|option path does not exist|mkstemp.*No such file/i.test(
    error.cause.message,
  );
}

export interface UploadedObject {
  readonly key: string;
  readonly id: string;
  /** Bytes of it that lie at the place. */
  readonly size: number;
  /** When it was changed there, in milliseconds since 1970. */
  readonly modifiedAt: number;
  readonly overwrite: boolean;
}

/**
 * Gives an object that was uploaded its name. rsync cannot rename, but asked for a file of this size and time, with the upload
 * to look at (`--link-dest`), it makes a second name for that, or copies it there where the file system has no links. Then
 * the first name goes. What has the name is removed right before that; without `overwrite` it stays: `already-exists`.
 *
 * Our file is nothing but a hole, and must not be sent by any means. Some daemons look for the upload in the wrong folder and
 * would fetch our zeros (rsync issue 915), so the first run only tells what it would do.
 */
export async function publishUpload(
  rsync: Rsync,
  object: UploadedObject,
  signal: AbortSignal,
): Promise<void> {
  const { key, id, overwrite } = object;
  await using work = await makeHole(rsync, object);
  const upload = `${unfinishedFolder}${id}`;
  const options = [
    "-r",
    "--times",
    "--omit-dir-times",
    "--modify-window=1",
    ...(overwrite ? [] : ["--ignore-existing"]),
    `--link-dest=${upload}`,
    `--temp-dir=${unfinishedFolder}`,
    "-ii",
    "--out-format=%i",
    "--delete-after",
    ...onlyThese([key]).slice(0, -1),
    ...onlyBelow(`${upload}/`),
  ];
  const order = { subject: key, options, push: work.path };
  const trial = { ...order, options: ["--dry-run", ...options] };
  if (!isLinked(key, await rsync.run(trial, signal))) throw cannotLink(key);
  if (isLinked(key, await rsync.run(order, signal))) return;
  await removeFile(rsync, key, signal);
  throw cannotLink(key);
}

/** What rsync says of a file: `h` for a link, `c` for a copy, `<` for one that is sent, nothing for one that stays. */
function isLinked(key: string, said: string): boolean {
  if (/^[hc]f/m.test(said)) return true;
  if (/^<f/m.test(said)) return false;
  throw alreadyThere(key);
}

function cannotLink(key: string): StorageError {
  const message = `${key}: the rsync there does not find what it was sent before; another version of it is needed`;
  return new StorageError("unsupported", message, { key });
}

/** What is known of a file at the place. */
export interface KnownFile {
  readonly key: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
}

/** Says when a file was changed. */
export async function setTime(rsync: Rsync, file: KnownFile, signal: AbortSignal): Promise<void> {
  await using work = await makeHole(rsync, file);
  // Neither is the hole sent instead of what is there, nor is it sent where nothing is any more.
  const options = ["-r", "--existing", "--size-only", "--times", "--omit-dir-times"];
  await rsync.run({ subject: file.key, options, push: work.path }, signal);
}

/** A folder of this machine with a file of that size and time, which takes no room. */
async function makeHole(rsync: Rsync, { key, size, modifiedAt }: KnownFile): Promise<WorkFolder> {
  const { spool } = rsync.settings;
  const work = await makeWorkFolder(spool);
  await inSpool(spool, async () => {
    await mkdir(join(work.path, unfinishedFolder), { recursive: true, mode: 0o700 });
    await mkdir(dirname(join(work.path, key)), { recursive: true, mode: 0o700 });
    await using hole = await open(join(work.path, key), "wx", 0o600);
    await hole.truncate(size);
    await hole.utimes(modifiedAt / 1000, modifiedAt / 1000);
  });
  return work;
}
