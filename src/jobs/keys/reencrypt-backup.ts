import { SafehouseError } from "#core/model/problem.ts";
import type { ReportProgress } from "#core/ports.ts";
import type { OpenKey } from "#keys/open-ring.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import { convertFile } from "../archive/convert-file.ts";
import type { ArchiveFile, AskPassword } from "../archive/open-archive-file.ts";
import type { BackupTools } from "../backup/make-backup.ts";
import { openBackup } from "../backup/open-backup.ts";
import { resealNote } from "../notes/reseal-note.ts";
import { proveReencrypted } from "./prove-reencrypted.ts";

export interface ReencryptTools extends Pick<
  BackupTools,
  "openPool" | "closePool" | "openSpool" | "clock"
> {
  readonly location: ArchiveLocation;
  /** For what the backup is encrypted with now. */
  readonly askPassword: AskPassword;
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

export interface Reencrypted {
  readonly slug: string;
  /** Name of its file now. */
  readonly file: string;
  /** `current`: that key opens it already. `plain`: it is not encrypted. Both are left as they are. */
  readonly status: "reencrypted" | "current" | "plain";
}

/**
 * Encrypts one backup at a location with another key, in SecureTar v3. The new archive is written beside the
 * old one, under a name with the key's id in it, read back, and where the old one has an index compared with it;
 * only then the old one is removed. What was interrupted is taken up by the next call. Rejects, with the old
 * archive as it was, with `damaged`, `no-space`, `wrong-password`, and with `unsupported` for an archive that
 * holds more than a backup's parts, which would be lost.
 */
export async function reencryptBackup(
  fileName: string,
  to: OpenKey,
  tools: ReencryptTools,
): Promise<Reencrypted> {
  const { location, signal } = tools;
  // That key comes first: a password that was given is for those that it does not open.
  const askPassword: AskPassword = async (lock) =>
    (await lock.refusal(to.keys)) === undefined ? to.keys : tools.askPassword(lock);
  await using file = await openBackup(location, fileName, { askPassword, signal });
  const { slug } = file.archive.metadata;
  if (!file.encrypted) return { slug, file: fileName, status: "plain" };
  if (file.keys === to.keys) return { slug, file: fileName, status: "current" };
  refuseStrangers(file, fileName);
  const next = nameWithKey(fileName, to);
  if (!(await isThere(next, tools))) await write(file, next, { to, tools });
  await proveReencrypted(next, { old: file, keys: to.keys, tools });
  await resealNote(location, slug, { from: file.keys, to: to.keys, signal });
  await location.remove(fileName, signal);
  return { slug, file: next, status: "reencrypted" };
}

/** `NAME.key-3f9a1c.tar`; the id of an earlier key gives way. */
function nameWithKey(fileName: string, { key }: OpenKey): string {
  return `${fileName.replace(/(?:\.key-[0-9a-f]{6})?\.tar$/, "")}.key-${key.id}.tar`;
}

/** Also after a run that was interrupted between the new archive and the removal of the old one. */
async function isThere(fileName: string, { location, signal }: ReencryptTools): Promise<boolean> {
  const { backups, others } = await location.list(signal);
  return [...backups, ...others].some(({ object }) => object.key === fileName);
}

async function write(
  file: ArchiveFile,
  fileName: string,
  { to, tools }: { readonly to: OpenKey; readonly tools: ReencryptTools },
): Promise<void> {
  const { location, openPool, openSpool, report, signal } = tools;
  await refuseFull(file.archive.source.size, tools);
  await convertFile(file, {
    encryption: { version: 3, keys: to.keys },
    openPool,
    openTarget: () => location.createWriter(fileName, {}, signal),
    openSpool,
    report,
    signal,
  });
  await tools.closePool();
}

async function refuseFull(size: number, { location, signal }: ReencryptTools): Promise<void> {
  const free = await location.freeSpace(signal);
  if (free === undefined || free >= size) return;
  throw new SafehouseError(
    "no-space",
    `The backup is written anew before the old one is removed, which takes ${size} bytes at ${location.id}; ${free} are free`,
    { facts: { neededBytes: size, freeBytes: free } },
  );
}

function refuseStrangers({ archive }: ArchiveFile, fileName: string): void {
  const [stranger] = archive.strangers;
  if (stranger === undefined) return;
  throw new SafehouseError(
    "unsupported",
    `${fileName} holds ${stranger}, which is no part of a backup and would be lost`,
    { subject: fileName, advice: "Use archive encrypt, which keeps the old file" },
  );
}
