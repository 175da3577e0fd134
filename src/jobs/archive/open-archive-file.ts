import { findIndex } from "#archive/index/find-index.ts";
import type { ArchiveIndex } from "#archive/index/index-reader.ts";
import { checkPassword } from "#archive/read/check-password.ts";
import { openArchive, type InnerArchive, type OpenArchive } from "#archive/read/open-archive.ts";
import { backupKeys, type BackupKeys } from "#keys/backup-keys.ts";
import { partName } from "#core/model/part.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { IndexStore } from "#archive/ports.ts";
import type { ByteSource } from "#core/ports.ts";
import type { Lock } from "#keys/open-ring.ts";
import { archiveLock } from "../keys/archive-lock.ts";
import type { ArchiveTools } from "./archive-tools.ts";

/**
 * Asked only when an archive turns out to be encrypted; for its password or what a password opens, undefined
 * if there is none.
 */
export type AskPassword = (lock: Lock) => Promise<string | BackupKeys | undefined>;

/** An archive file that is open, with all that is known about it. */
export interface ArchiveFile extends AsyncDisposable {
  readonly path: string;
  readonly archive: OpenArchive;
  readonly encrypted: boolean;
  readonly keys: BackupKeys | undefined;
  readonly index: ArchiveIndex | undefined;
  readonly warnings: readonly string[];
}

/** Opens an archive for reading its headers only; no password is needed. */
export async function openHeaders(path: string, tools: ArchiveTools): Promise<OpenArchive> {
  const source = await tools.openFile(path);
  try {
    return await openArchive(source);
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** Opens an archive for reading its content; the password is asked for and tried if one is needed. */
export async function openArchiveFile(
  path: string,
  tools: ArchiveTools,
  askPassword: AskPassword | undefined,
): Promise<ArchiveFile> {
  const source = await tools.openFile(path);
  return openForReading(source, { path, askPassword, stores: tools.indexStores(path) });
}

/** What is needed to open an archive whose bytes are at hand. */
export interface ReadingOptions {
  /** Path or file name, for messages. */
  readonly path: string;
  /** Without it nothing but headers can be looked at, which needs no password. */
  readonly askPassword: AskPassword | undefined;
  /** Where its index may be. */
  readonly stores: readonly IndexStore[];
}

/** The same for an archive whose bytes are at hand, which are closed with it. */
export async function openForReading(
  source: ByteSource,
  { path, askPassword, stores }: ReadingOptions,
): Promise<ArchiveFile> {
  try {
    const archive = await openArchive(source);
    const unlocked = await unlockArchive(archive, askPassword);
    const known = askPassword === undefined ? [] : stores;
    const { index, warnings } = await findIndex(archive, known, unlocked.keys);
    const close = async (): Promise<void> => {
      await index?.close();
      await source.close();
    };
    return { path, archive, ...unlocked, index, warnings, [Symbol.asyncDispose]: close };
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** Tries the password on all inner archives; it is asked for only if the archive is encrypted. */
export async function unlockArchive(
  archive: OpenArchive,
  askPassword: AskPassword | undefined,
): Promise<{ encrypted: boolean; keys: BackupKeys | undefined }> {
  if (askPassword === undefined) return { encrypted: false, keys: undefined };
  const lock = await archiveLock(archive);
  if (lock === undefined) return { encrypted: false, keys: undefined };
  const found = await askPassword(lock);
  const keys = keysFrom(found);
  // Without keys this rejects with what there is to say about a password.
  await checkPassword(archive, archive.inner, keys);
  return { encrypted: true, keys };
}

/** Empty text means that there is no password. */
function keysFrom(found: string | BackupKeys | undefined): BackupKeys | undefined {
  if (typeof found !== "string") return found;
  return found === "" ? undefined : backupKeys(found);
}

/** The inner archive that a person names by part or by member. Rejects with `not-found`. */
export function findInner(archive: OpenArchive, name: string): InnerArchive {
  const found = archive.inner.find((inner) =>
    [partName(inner.part), inner.name, inner.member].includes(name),
  );
  if (found !== undefined) return found;
  const names = archive.inner.map((inner) => partName(inner.part)).join(", ");
  throw new SafehouseError("not-found", `There is no part ${name} in this backup`, {
    advice: `It has ${names}`,
  });
}
