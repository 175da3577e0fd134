import type { Resume, WriteOptions } from "../provider.ts";
import { diskAt, spaceError } from "./free-space.ts";
import { inFoldersOf } from "./folders.ts";
import { SftpWriter } from "./object-writer.ts";
import { alreadyThere, lookAt } from "./publish.ts";
import { explainRefusal } from "./refused-write.ts";
import { below, parentOf, pathOfKey } from "./remote-path.ts";
import type { SftpSession } from "./session.ts";
import type { SessionLease } from "./shared-session.ts";
import { temporaryName } from "./temporary-name.ts";
import { nameInState, openUnfinished, type UnfinishedFile } from "./unfinished-file.ts";

export interface WriterOrder {
  readonly key: string;
  readonly root: string;
  readonly options: WriteOptions;
  /** How to go on with an earlier attempt; only with a size. */
  readonly resume: Resume | undefined;
  /** Released by the writer, unless opening it fails. */
  readonly lease: SessionLease;
  readonly anotherSession: (signal: AbortSignal) => Promise<SftpSession>;
  /** Paths of unfinished files that are being written. */
  readonly inUse: Set<string>;
}

/** Begins an object, or goes on with it. Rejects with the server's answer, `already-exists` or `full`. */
export async function openWriter(order: WriterOrder, signal: AbortSignal): Promise<SftpWriter> {
  const { key, root, lease, inUse, resume, anotherSession } = order;
  const { overwrite = false, size } = order.options;
  const { session } = lease;
  const path = pathOfKey(root, key);
  if (!overwrite && (await lookAt(session, path, signal)) !== undefined) throw alreadyThere(key);
  const folder = parentOf(path);
  const { name, handle, from } = await openFile(order, folder, signal);
  const temporaryPath = below(folder, name);
  inUse.add(temporaryPath);
  const ended = (): void => void inUse.delete(temporaryPath);
  const writer = new SftpWriter(
    {
      key,
      folder,
      path,
      temporaryPath,
      overwrite,
      size,
      from,
      lease,
      handle,
      anotherSession,
      keepsUnfinished: resume !== undefined,
      ended,
    },
    signal,
  );
  try {
    if (size !== undefined) await checkRoom(session, { key, folder, bytes: size - from }, signal);
    await resume?.keep(name);
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return writer;
}

async function openFile(
  order: WriterOrder,
  folder: string,
  signal: AbortSignal,
): Promise<UnfinishedFile> {
  const { key, root, resume, options } = order;
  const { session } = order.lease;
  const earlier = resume === undefined ? undefined : nameInState(resume);
  if (earlier !== undefined && options.size !== undefined) {
    const path = below(folder, earlier);
    const found = await openUnfinished(
      session,
      { path, name: earlier, size: options.size },
      signal,
    );
    if (found !== undefined) return found;
  }
  const name = temporaryName(resume !== undefined);
  const open = (): Promise<Buffer> =>
    session.ask<Buffer>(
      (sftp, answer) => sftp.open(below(folder, name), "wx", { mode: 0o600 }, answer),
      signal,
    );
  try {
    const handle = await inFoldersOf(session, { root, key }, { signal, work: open });
    return { name, handle, from: 0 };
  } catch (error) {
    const bytes = options.size ?? 0;
    throw await explainRefusal(error, { session, key, folder: root, offset: 0, bytes }, signal);
  }
}

async function checkRoom(
  session: SftpSession,
  { key, folder, bytes }: { readonly key: string; readonly folder: string; readonly bytes: number },
  signal: AbortSignal,
): Promise<void> {
  const disk = await diskAt(session, folder, signal);
  if (disk !== undefined && disk.freeBytes < bytes) throw spaceError(key, bytes, disk.freeBytes);
}
