import { join } from "node:path";
import type { TestContext } from "node:test";
import { SafehouseError } from "#core/model/problem.ts";
import type { RetentionRule } from "#core/retention/retention-rule.ts";
import { DeflatePool } from "#format/gzip/deflate-pool.ts";
import { FolderInstallation } from "#installation/folder/folder-installation.ts";
import type { RunBackupRequest, RunBackupTools } from "#jobs/backup/run-backup.ts";
import type { RunTools } from "#jobs/runs/run-tools.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import type { StorageProvider } from "#storage/provider.ts";
import { BackupPlaces, ourInstallation } from "./backup-places.ts";
import { RunBench } from "./run-bench.ts";
import { memorySpool } from "./sample-archive.ts";
import { buildSampleHome } from "./sample-home.ts";

const { signal } = new AbortController();
const clock = { now: () => Date.now() };
const startTimer = (milliseconds: number, callback: () => void): (() => void) => {
  const timer = setTimeout(callback, milliseconds);
  return () => clearTimeout(timer);
};

/** A home on disk, locations in folders, and a journal. */
export async function makeBackupBench(context: TestContext, ...ids: readonly string[]) {
  const runs = new RunBench(context);
  const places = await BackupPlaces.create(context, clock);
  places.add(...ids);
  const home = join(places.folder, "home");
  buildSampleHome(home);
  const pool = await DeflatePool.open({ engine: "wasm", threads: 1 });
  context.after(() => pool[Symbol.asyncDispose]());
  const nowhere = { share: undefined, media: undefined, addonsLocal: undefined };
  const paths = { ...nowhere, config: join(home, "config"), ssl: join(home, "ssl") };
  const dataDir = join(places.folder, "data");
  const installation = new FolderInstallation({ ...paths, addonData: undefined, dataDir }, clock);
  const wraps = new Map<string, (storage: StorageProvider) => StorageProvider>();
  /** Locations that have archives encrypted, or not, whatever a run wants. */
  const isProtected = new Map<string, boolean>();
  /** Bytes that are free on this machine's disk; undefined for any number. */
  const space: { forSpools: number | undefined } = { forSpools: undefined };
  /** Ids of locations that are not on this machine. */
  const far = new Set<string>();
  const openLocation = async (id: string): Promise<ArchiveLocation> => {
    const location = places.open(id, wraps.get(id), isProtected.get(id));
    await location.freeSpace(signal);
    return location;
  };
  /** A process of that number; once it is dead it writes nothing any more. */
  const processOf = (pid: number): RunTools => {
    const tools = runs.process(pid);
    const { journal } = tools;
    const change: typeof journal.change = async (...args) => {
      if (runs.dead.has(pid)) throw new SafehouseError("denied", "The process is dead");
      await journal.change(...args);
    };
    const list = journal.list.bind(journal);
    const open = journal.open.bind(journal);
    const living = { list, open, endedSince: journal.endedSince.bind(journal), change };
    return { ...tools, journal: living, clock, startTimer };
  };
  const tools = (pid = 1): RunBackupTools => ({
    runs: processOf(pid),
    backup: {
      installation,
      openPool: async () => pool,
      closePool: async () => undefined,
      openSpool: async () => memorySpool(),
      spoolSpace: async () => space.forSpools,
      clock,
      writer: "Safehouse",
      report: () => undefined,
      signal,
    },
    installationId: ourInstallation,
    openLocation,
    isNear: async (id) => !far.has(id),
    currentKeys: async () => undefined,
    hold: async () => ({ [Symbol.asyncDispose]: async () => undefined }),
    queue: true,
    waitsFor: () => undefined,
  });
  return { runs, places, tools, wraps, far, space, isProtected, processOf, openLocation };
}

/** A backup of the home for a plan, at those locations. */
export function requestFor(
  locations: readonly string[],
  more: Partial<RunBackupRequest> & { readonly rule?: RetentionRule } = {},
): RunBackupRequest {
  const { rule: retention, ...others } = more;
  return {
    name: "Nightly",
    selection: { excludeDatabase: false, folders: ["ssl"], addons: [] },
    rules: [],
    encryption: undefined,
    compressed: true,
    verify: true,
    extra: {},
    locations: locations.map((location) => ({ location, retention })),
    trigger: { kind: "plan", plan: "nightly" },
    ...others,
  };
}
