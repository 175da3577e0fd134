import type { ArchiveIndex } from "#archive/index/index-reader.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { BackupAtLocation } from "#location/backup-at-location.ts";
import { ensureIndex } from "../archive/ensure-index.ts";
import type { ArchiveFile, AskPassword } from "../archive/open-archive-file.ts";
import { runAlone } from "../runs/run-alone.ts";
import type { RunDesk } from "../runs/run-desk.ts";
import type { OpenLocation, PlaceFlags, Services } from "../services.ts";
import { openBackup } from "./open-backup.ts";

export interface IndexedBackupOptions {
  readonly services: Services;
  /** The home and the location that is open. */
  readonly place: PlaceFlags;
  readonly desk: RunDesk;
  readonly askPassword: AskPassword;
  readonly signal: AbortSignal;
}

/** A backup whose files can be looked up at once. */
export interface IndexedBackup extends AsyncDisposable {
  readonly file: ArchiveFile;
  readonly index: ArchiveIndex;
}

/** The making of one index in this process. */
interface Maker {
  /** Id of the run, once it has begun. */
  readonly run: Promise<string>;
  /** What it failed with, until that is told. */
  failure?: unknown;
}

/** By what is made an index of: location, archive and its version. */
const makers = new Map<string, Maker>();

/** Come again after so many seconds, while an index is made. */
const retryAfterSeconds = 2;

/**
 * Opens a backup, by slug or file name, for looking at its files. Archives of others have no index: making it reads
 * all of the archive, so that is a run, of kind `verify` as it also checks whatever protects the archive. Meanwhile
 * this rejects with `busy`, naming the run and when to come again. If the run failed, its failure is told once.
 */
export async function openIndexedBackup(
  { location }: OpenLocation,
  reference: string,
  options: IndexedBackupOptions,
): Promise<IndexedBackup> {
  const { services, place, askPassword, signal } = options;
  const found = await location.find(reference, signal);
  const { key } = found.object;
  const otherIndexes = [services.archiveTools(place).ownIndexStore()];
  const file = await openBackup(location, key, { askPassword, otherIndexes, signal });
  if (file.index !== undefined)
    return { file, index: file.index, [Symbol.asyncDispose]: () => file[Symbol.asyncDispose]() };
  await file[Symbol.asyncDispose]();
  throw await makeLater(found, file, options);
}

/** Sees to it that the index is being made; returns what is to be told meanwhile. */
async function makeLater(
  found: BackupAtLocation,
  file: ArchiveFile,
  options: IndexedBackupOptions,
): Promise<unknown> {
  const id = JSON.stringify([found.location, found.object.key, found.object.version]);
  const known = makers.get(id);
  if (known !== undefined && "failure" in known) {
    makers.delete(id);
    return known.failure;
  }
  const maker = known ?? { run: begin(found, file, options) };
  if (known === undefined) {
    makers.set(id, maker);
    void watch(id, maker, options.desk);
  }
  const run = await maker.run;
  const message = "The files of this backup are being listed for the first time";
  return new SafehouseError("busy", message, {
    subject: found.object.key,
    advice: `Come again when run ${run} has ended`,
    facts: { run, retryAfterSeconds },
  });
}

/** Forgets a maker that is done; one that failed is kept until somebody is told. */
async function watch(id: string, maker: Maker, desk: RunDesk): Promise<void> {
  try {
    const end = await desk.end(await maker.run);
    if (end?.kind === "failed") maker.failure = end.error;
    else makers.delete(id);
  } catch {
    // It never began, which whoever asked for it is told.
    makers.delete(id);
  }
}

async function begin(
  { object, facts }: BackupAtLocation,
  { keys }: ArchiveFile,
  { services, place, desk }: IndexedBackupOptions,
): Promise<string> {
  const backup = { slug: facts?.slug ?? "", name: facts?.name ?? "", fileName: object.key };
  return desk.begin(async ({ begun, signal }) => {
    await using open = await services.openLocation(place);
    await using runs = await services.openRuns(place);
    const { location } = open;
    const about = { kind: "verify", location: location.id, backup, begun, signal } as const;
    const work = async (context: {
      signal: AbortSignal;
      report: Parameters<typeof ensureIndex>[2]["report"];
    }) => {
      const access = { askPassword: async () => keys, signal: context.signal };
      await using file = await openBackup(location, object.key, access);
      const warn = (warning: string): never => {
        throw new SafehouseError("unsupported", warning, {
          advice: "Make sure that the data directory can be written and has room",
        });
      };
      await using _ = await ensureIndex(file, services.archiveTools(place), { ...context, warn });
    };
    return await runAlone({ ...about, work }, runs.tools);
  });
}
