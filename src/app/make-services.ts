import { randomUUID } from "node:crypto";
import { join, resolve } from "node:path";
import type { OpenHome, PlaceFlags, SavedSettings, Services } from "#cli/services.ts";
import type { Console } from "#cli/console.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { Clock } from "#core/ports.ts";
import { parseRule } from "#core/rules/parse-rule.ts";
import { FolderInstallation } from "#installation/folder/folder-installation.ts";
import { takeLease } from "#installation/folder/restore/lease.ts";
import { openState, type State } from "#state/open-state.ts";
import { Settings } from "#state/settings.ts";
import { createMarker, readMarker } from "#storage/layers/marker.ts";
import { LocalStorage } from "#storage/local/provider.ts";
import { createLocalFolder, parseLocalSettings } from "#storage/local/settings.ts";
import { asSafehouseError } from "#storage/errors.ts";
import { archiveFileTools } from "./archive-file-tools.ts";
import { dataDirectory } from "./data-directory.ts";
import { openPlace } from "./open-place.ts";
import { homePaths, resolvePaths } from "./path-settings.ts";
import { SharedPool } from "./shared-pool.ts";
import { openSpool } from "./spool.ts";
import { programVersion } from "./program-version.ts";

/** Id of the one home that there is, in every record. */
export const onlyHome = "home";

const clock: Clock = { now: () => Date.now() };

/** Puts the program together. Nothing is opened before a command asks for it. */
export function makeServices(console: Console): Services & AsyncDisposable {
  const { env, signal } = console;
  const pool = new SharedPool(env["SAFEHOUSE_DEFLATE"]);
  const notice = (sentence: string): void => console.err(`${sentence}\n`);
  const dataDirOf = (flags: PlaceFlags): string => dataDirectory(flags, env);
  const stateOf = (flags: PlaceFlags): State => openState({ dataDirectory: dataDirOf(flags), clock, notice });

  async function readSettings(flags: PlaceFlags): Promise<StoredSettings & { readonly dataDir: string }> {
    using state = stateOf(flags);
    const stored = await new Settings(dataDirOf(flags), state).read(onlyHome);
    return { ...parseStored(stored), dataDir: dataDirOf(flags) };
  }

  async function openLocation(flags: PlaceFlags): Promise<Awaited<ReturnType<typeof openPlace>>> {
    const settings = await readSettings(flags);
    const paths = await resolvePaths(flags, env, settings.paths);
    const { dataDir } = settings;
    const isDefault = paths["location"] === undefined;
    const path = paths["location"] ?? join(dataDir, "backup");
    if (isDefault) await createLocalFolder(path);
    const marker = path === settings.paths["location"] ? settings.locationId : undefined;
    const tools = { openPool: () => pool.open(), openSpool: () => openSpool(join(dataDir, "scratch")), clock, writer };
    return openPlace({ path, marker, state: stateOf(flags), tools, signal });
  }

  async function openHome(flags: PlaceFlags): Promise<OpenHome> {
    const settings = await readSettings(flags);
    const { dataDir } = settings;
    const paths = homePaths(await resolvePaths(flags, env, settings.paths), dataDir);
    const installation = new FolderInstallation(paths, clock);
    const { actions } = await installation.recover(signal);
    const place = await openLocation(flags);
    const recovered = [...actions, ...place.recovered];
    const hold = async (purpose: string): Promise<AsyncDisposable> => {
      const lease = await takeLease(join(dataDir, "run"), { purpose: `A ${purpose}`, now: clock.now() }, signal);
      return { [Symbol.asyncDispose]: async () => lease[Symbol.dispose]() };
    };
    return { ...place, installation, rules: settings.rules.map(parseRule), recovered, hold };
  }

  async function saveSettings(flags: PlaceFlags, { paths, rules }: SavedSettings): Promise<void> {
    const { locationId } = await readSettings(flags);
    const location = paths["location"];
    const id = location === undefined ? undefined : await markLocation(location, locationId, signal);
    using state = stateOf(flags);
    await new Settings(dataDirOf(flags), state).change(onlyHome, { paths, rules, locationId: id });
  }

  return {
    version: programVersion,
    archiveTools: (flags) => archiveFileTools(dataDirOf(flags), pool, signal),
    joinPath: (directory, name) => join(directory, name),
    openHome,
    openLocation,
    readSettings,
    saveSettings,
    resolvePaths: async (flags) => {
      const paths = await resolvePaths(flags, env, (await readSettings(flags)).paths);
      homePaths(paths, dataDirOf(flags));
      return paths;
    },
    translateError: (error) => asSafehouseError(error),
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}

const writer = `Safehouse ${programVersion}`;

interface StoredSettings extends SavedSettings {
  /** Marker of the saved location. */
  readonly locationId: string | undefined;
}

function parseStored(stored: Readonly<Record<string, unknown>>): StoredSettings {
  const { paths, rules, locationId } = stored;
  return {
    paths: isTextRecord(paths) ? paths : {},
    rules: Array.isArray(rules) ? rules.filter((rule) => typeof rule === "string") : [],
    locationId: typeof locationId === "string" ? locationId : undefined,
  };
}

function isTextRecord(value: unknown): value is Record<string, string> {
  return typeof value === "object" && value !== null && Object.values(value).every((item) => typeof item === "string");
}

/** A location that is saved gets a marker, so that an unmounted share is recognised by its absence. */
async function markLocation(path: string, known: string | undefined, signal: AbortSignal): Promise<string> {
  await createLocalFolder(resolve(path));
  const storage = new LocalStorage(parseLocalSettings({ path }));
  const marker = await readMarker(storage, signal);
  if (marker !== undefined) return marker;
  const id = known ?? randomUUID();
  try {
    await createMarker(storage, id, signal);
  } catch (error) {
    const cause = asSafehouseError(error, path);
    if (!(cause instanceof SafehouseError)) throw error;
    throw cause;
  }
  return id;
}
