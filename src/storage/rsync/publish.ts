import { mkdir, open, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StorageError } from "../errors.ts";
import { alreadyThere } from "./look-at.ts";
import { onlyBelow, onlyThese } from "./pattern.ts";
import { removeFile } from "./remove.ts";
import { makeTree, type Rsync } from "./rsync.ts";
import { unfinishedFolder } from "./working-names.ts";
import { inSpool, makeWorkFolder } from "./work-folder.ts";

export interface WholeObject {
  readonly key: string;
  /** Folder of this machine in which it lies below its key. */
  readonly tree: string;
  readonly overwrite: boolean;
}

/** Sends a whole object in one run. rsync itself lets it grow under another name, among the unfinished ones, and renames it. */
export async function sendWhole(
  rsync: Rsync,
  { key, tree, overwrite }: WholeObject,
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
  const said = await rsync.run({ subject: key, options, push: tree }, signal);
  if (!/^<f/m.test(said)) throw alreadyThere(key);
}

/** Makes sure that the place has the folder for unfinished objects. */
export async function makeUnfinishedFolder(rsync: Rsync, signal: AbortSignal): Promise<void> {
  const order = { subject: unfinishedFolder, folders: [unfinishedFolder] };
  await sendSmall(rsync, order, signal);
}

export interface SmallThings {
  readonly subject: string;
  readonly folders?: readonly string[];
  /** Contents by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly at?: "root";
}

/** Brings folders and small files to the place; what is there already stays as it is. */
export async function sendSmall(
  rsync: Rsync,
  { subject, folders = [], files = {}, ...where }: SmallThings,
  signal: AbortSignal,
): Promise<void> {
  const { spool } = rsync.settings;
  await using work = await makeWorkFolder(spool);
  const push = await makeTree(work.path, "tree");
  await inSpool(spool, async () => {
    for (const folder of folders) await mkdir(join(push, folder), { recursive: true, mode: 0o700 });
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(push, path)), { recursive: true, mode: 0o700 });
      await writeFile(join(push, path), content, { mode: 0o600 });
    }
  });
  await rsync.run({ subject, options: ["-r", "--ignore-existing"], push, ...where }, signal);
}

/** Gives an uploaded object the time that a later version of it needs, in milliseconds since 1970. */
export async function setTime(
  rsync: Rsync,
  { key, tree }: WholeObject,
  signal: AbortSignal,
): Promise<void> {
  const options = ["-r", "--times", "--omit-dir-times", "--size-only"];
  await rsync.run({ subject: key, options, push: tree }, signal);
}

export interface UploadedObject {
  readonly key: string;
  readonly id: string;
  /** Bytes of it that lie at the place. */
  readonly size: number;
}

/**
 * Gives an object that was uploaded its name, unless something has it. rsync cannot rename, but asked for a file of this
 * size, with the upload to look at (`--link-dest`), it makes a second name for that, or copies it there where the file system
 * has no links. Then the first name goes.
 *
 * Our file is nothing but a hole, and must not be sent by any means. Some daemons look for the upload in the wrong folder and
 * would fetch our zeros (rsync issue 915), so the first run only tells what it would do.
 */
export async function publishUpload(
  rsync: Rsync,
  { key, id, size }: UploadedObject,
  signal: AbortSignal,
): Promise<void> {
  const { spool } = rsync.settings;
  await using work = await makeWorkFolder(spool);
  const push = await makeTree(work.path, "tree");
  await inSpool(spool, async () => {
    await mkdir(join(push, unfinishedFolder), { recursive: true, mode: 0o700 });
    await mkdir(dirname(join(push, key)), { recursive: true, mode: 0o700 });
    await using hole = await open(join(push, key), "wx", 0o600);
    await hole.truncate(size);
  });
  const upload = `${unfinishedFolder}${id}`;
  const options = [
    "-r",
    "--size-only",
    "--ignore-existing",
    `--link-dest=${upload}`,
    "-ii",
    "--out-format=%i",
    "--delete-after",
    ...onlyThese([key]).slice(0, -1),
    ...onlyBelow(`${upload}/`),
  ];
  const tried = await rsync.run({ subject: key, options: [...options, "--dry-run"], push }, signal);
  if (/^<f/m.test(tried)) throw cannotLink(key);
  if (!/^[hc]f/m.test(tried)) throw alreadyThere(key);
  const done = await rsync.run({ subject: key, options, push }, signal);
  if (/^[hc]f/m.test(done)) return;
  if (!/^<f/m.test(done)) throw alreadyThere(key);
  await removeFile(rsync, key, signal);
  throw cannotLink(key);
}

function cannotLink(key: string): StorageError {
  const message = `${key}: the rsync there does not find what it was sent before; another version of it is needed`;
  return new StorageError("unsupported", message, { key });
}
