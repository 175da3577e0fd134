import { openArchive } from "#archive/read/open-archive.ts";
import { verifyArchive } from "#archive/verify/verify-archive.ts";
import type { BackupMetadata } from "#core/model/backup.ts";
import type { Problem } from "#core/model/problem.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { ByteSource, Clock } from "#core/ports.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import type { BackupAtLocation } from "#location/backup-at-location.ts";
import { isSlug } from "#location/backup-files.ts";
import { StorageError } from "#storage/errors.ts";
import type { IncomingFiles } from "../backup/incoming-files.ts";
import { inTurn } from "../backup/in-turn.ts";
import { fileNameOf } from "../backup/receive-archive.ts";
import { sameBytes } from "../delivery/same-bytes.ts";
import type { InboxArchiveState } from "../inbox-store-port.ts";
import { arrivalKey, arrivalNote } from "../notes/arrival.ts";
import { changeNotes } from "../notes/change-notes.ts";

export interface TakeInOptions {
  readonly location: ArchiveLocation;
  readonly incoming: IncomingFiles;
  /** How the sender calls it; it is called so at the location if nothing else is. */
  readonly fileName: string;
  /** Id under which it is set aside if it has to be. */
  readonly id: string;
  /** Name of the token that it came with. */
  readonly sender: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What has become of what was brought. */
export interface TakenIn {
  readonly state: InboxArchiveState;
  /** It was not at the location before. */
  readonly isNew: boolean;
}

/**
 * Makes a file that has come in whole a backup of its location, if it is one as far as that can be told without its
 * password: headers to the end, the beginning of each part. The same bytes a second time are the backup that is there.
 * What is no backup, is damaged, or has the slug of another one is set aside and says why. Nothing is ever replaced.
 * Rejects as the location does; then the file stays.
 */
export function takeInArchive(name: string, options: TakeInOptions): Promise<TakenIn> {
  return inTurn(options.location.id, () => takeIn(name, options));
}

async function takeIn(name: string, options: TakeInOptions): Promise<TakenIn> {
  const { location, incoming, signal } = options;
  const metadata = await recognise(name, options);
  if (metadata instanceof SafehouseError) return setAside(name, metadata, options);
  const { backups } = await location.list(signal);
  const twins = backups.filter(({ facts }) => facts?.slug === metadata.slug);
  const twin = await twinOf(name, twins, options);
  if (twin !== undefined) {
    await incoming.remove(name, signal);
    return { state: backupState(metadata, twin.object.key), isNew: false };
  }
  if (twins[0] !== undefined) return setAside(name, otherTwin(metadata, twins[0]), options);
  const file = await deliver(name, metadata, options);
  return { state: backupState(metadata, file), isNew: true };
}

function backupState({ slug }: BackupMetadata, file: string): InboxArchiveState {
  return { kind: "backup", slug, file };
}

/** What an archive says of itself, or what is wrong with it. Rejects with what is not about it. */
async function recognise(
  name: string,
  { incoming, signal }: TakeInOptions,
): Promise<BackupMetadata | SafehouseError> {
  const source = await incoming.open(name, signal);
  try {
    const archive = await openArchive(source);
    const problem = await structureProblem(archive, signal);
    return problem ?? archive.metadata;
  } catch (error) {
    if (error instanceof SafehouseError && aboutTheBytes.has(error.problem)) return error;
    throw error;
  } finally {
    await source.close();
  }
}

const aboutTheBytes: ReadonlySet<Problem> = new Set<Problem>([
  "damaged",
  "truncated",
  "not-a-backup",
  "unknown-version",
  "unsupported",
]);

/** Undefined if nothing was seen, and for an archive that is encrypted: whoever has its key looks later. */
async function structureProblem(
  archive: Awaited<ReturnType<typeof openArchive>>,
  signal: AbortSignal,
): Promise<SafehouseError | undefined> {
  const access = { keys: undefined, index: undefined };
  const report = (): void => undefined;
  try {
    const found = await verifyArchive(archive, { level: "structure", access, report, signal });
    if (found.verdict !== "damaged" && found.verdict !== "missing") return undefined;
    const [problem] = found.parts.flatMap((part) =>
      part.problems.map(({ message }) => `${part.part}: ${message}`),
    );
    return new SafehouseError("damaged", problem ?? "A part of it is damaged");
  } catch (error) {
    const isLocked =
      error instanceof SafehouseError &&
      (error.problem === "password-needed" || error.problem === "wrong-password");
    if (isLocked) return undefined;
    throw error;
  }
}

async function twinOf(
  name: string,
  candidates: readonly BackupAtLocation[],
  { location, incoming, signal }: TakeInOptions,
): Promise<BackupAtLocation | undefined> {
  for (const candidate of candidates) {
    await using stack = new AsyncDisposableStack();
    const opened = async (opening: Promise<ByteSource>): Promise<ByteSource> => {
      const source = await opening;
      stack.defer(() => source.close());
      return source;
    };
    const mine = await opened(incoming.open(name, signal));
    const theirs = await opened(location.openFound(candidate, signal));
    if (await sameBytes(mine, theirs, { report: () => undefined, signal })) return candidate;
  }
  return undefined;
}

async function setAside(
  name: string,
  { problem, message }: SafehouseError,
  { incoming, id, signal }: TakeInOptions,
): Promise<TakenIn> {
  await incoming.setAside(name, id, signal);
  return { state: { kind: "aside", problem, message }, isNew: true };
}

/** Under the name that the sender has given it, else under one of ours; the first that is free. */
async function deliver(
  name: string,
  metadata: BackupMetadata,
  { location, incoming, fileName, sender, clock, signal }: TakeInOptions,
): Promise<string> {
  const { slug } = metadata;
  const own = fileNameOf(metadata);
  const names = [fileName, own, own.replace(/\.tar$/, `_${slug}.tar`)];
  const at = new Date(clock.now()).toISOString();
  const change = { [arrivalKey]: arrivalNote({ by: "inbox", sender, at }) };
  // Before the archive, so that nobody sees it without them.
  if (isSlug(slug)) await changeNotes(location, slug, { change, isNew: true, signal });
  let failure: unknown;
  for (const file of names)
    try {
      await incoming.deliver(name, { fileName: file, report: () => undefined, signal });
      return file;
    } catch (error) {
      if (!isAboutTheName(error)) throw error;
      failure = error;
    }
  throw failure;
}

function isAboutTheName(error: unknown): boolean {
  if (error instanceof StorageError) return error.problem === "already-exists";
  return error instanceof SafehouseError && error.problem === "usage";
}

function otherTwin({ slug }: BackupMetadata, { object, location }: BackupAtLocation) {
  return new SafehouseError(
    "already-exists",
    `Another archive at ${location} is backup ${slug} already, with other bytes, as ${object.key}`,
  );
}
