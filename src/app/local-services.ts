import { hostname } from "node:os";
import { join, resolve } from "node:path";
import type { Console } from "#cli/console.ts";
import type {
  OpenHome,
  OpenLocation,
  OpenLocations,
  OpenNotifications,
  OpenPlaces,
  OpenRuns,
  PlaceFlags,
  RunningServer,
  SavedSettings,
  ServeOptions,
  Services,
} from "#operations/services.ts";
import type { Part } from "#core/model/part.ts";
import type { Clock } from "#core/ports.ts";
import { parseRule } from "#core/rules/parse-rule.ts";
import { FolderInstallation } from "#installation/folder/folder-installation.ts";
import { takeLease } from "#installation/folder/restore/lease.ts";
import type { ArchiveTools } from "#jobs/archive/archive-tools.ts";
import type { SettingsStores } from "#jobs/settings/settings-stores.ts";
import type { HomePlans } from "#jobs/plan/home-plans.ts";
import type { ArrivalStore } from "#jobs/arrival-store-port.ts";
import type { InboxStore } from "#jobs/inbox-store-port.ts";
import type { SharingStore } from "#jobs/sharing-store-port.ts";
import { settleDeadRuns } from "#jobs/runs/settle-dead-runs.ts";
import type { KeyRingStore } from "#keys/key-ring-port.ts";
import { findKind, folderKind, folderSettings } from "#storage/catalog.ts";
import { asSafehouseError } from "#storage/errors.ts";
import { archiveFileTools } from "./archive-file-tools.ts";
import { consoleLog } from "./console-log.ts";
import { dataDirectory } from "./data-directory.ts";
import { chosenLocation, noFolder } from "./locations/chosen-location.ts";
import { isFolderPath } from "./locations/is-folder-path.ts";
import { LocalHome } from "./local-home.ts";
import { markLocation } from "./mark-location.ts";
import { onlyHome } from "./only-home.ts";
import { openChosen, openPlaces } from "./open-places.ts";
import { openNotifications } from "./open-notifications.ts";
import { homePaths, resolvePaths } from "./path-settings.ts";
import { writePrivateFile } from "./private-file.ts";
import { programVersion } from "./program-version.ts";
import { readRunningServer } from "./running-server.ts";
import { runTools } from "./run-tools.ts";
import { SharedPool } from "./shared-pool.ts";
import { openSpool, spoolSpace } from "./spool.ts";
import { parseStoredSettings, type StoredSettings } from "./stored-settings.ts";

const clock: Clock = { now: () => Date.now() };
const writer = `Safehouse ${programVersion}`;

/** Puts the program together on this machine. Nothing is opened before a command asks for it. */
export class LocalServices implements Services, AsyncDisposable {
  readonly version = programVersion;
  readonly hostname = hostname();
  readonly #console: Console;
  readonly #pool: SharedPool;
  readonly #opened = new AsyncDisposableStack();
  readonly #homes = new Map<string, LocalHome>();

  constructor(console: Console) {
    this.#console = console;
    this.#pool = this.#opened.use(new SharedPool(console.env["SAFEHOUSE_DEFLATE"]));
  }

  archiveTools(flags: PlaceFlags): ArchiveTools {
    return archiveFileTools(this.#dataDir(flags), this.#pool, this.#console.signal);
  }

  joinPath(directory: string, name: string): string {
    return join(directory, name);
  }

  async openPlaces(flags: PlaceFlags): Promise<OpenPlaces> {
    const tools = this.#tools(this.#dataDir(flags));
    return openPlaces(this.#home(flags), chosenLocation(flags, this.#console.env), tools);
  }

  async openLocation(flags: PlaceFlags): Promise<OpenLocation> {
    const home = this.#home(flags);
    return openChosen(home, await this.openPlaces(flags), this.#console.signal);
  }

  async openLocations(flags: PlaceFlags): Promise<OpenLocations> {
    const home = this.#home(flags);
    const chosen = chosenLocation(flags, this.#console.env);
    const locations = home.locations();
    const glance: OpenLocations["glance"] = (id) => home.looks.look(locations, id);
    return {
      locations,
      setUp: home.book,
      chosen,
      glance,
      clock,
      [Symbol.asyncDispose]: nothingToClose,
    };
  }

  async openHome(flags: PlaceFlags): Promise<OpenHome> {
    const { dataDir, paths: saved, rules } = await this.readSettings(flags);
    const { env, signal } = this.#console;
    const paths = homePaths(await resolvePaths(flags, env, saved), dataDir);
    const installation = new FolderInstallation(paths, clock);
    const { actions } = await installation.recover(signal);
    const places = await this.openPlaces(flags);
    const hold: OpenHome["hold"] = (purpose, wanted) =>
      this.#hold(dataDir, purpose, wanted ?? signal);
    return {
      ...places,
      installation,
      rules: rules.map(parseRule),
      get recovered() {
        return [...actions, ...places.recovered];
      },
      hold,
    };
  }

  async openRuns(flags: PlaceFlags): Promise<OpenRuns> {
    const home = this.#home(flags);
    const locations = home.locations();
    const tools = runTools({
      state: home.state,
      clock,
      notice: this.#notice,
      openLocation: (id, asked) => locations.open(id, asked),
      installationId: () => home.installation(),
      signal: this.#console.signal,
      dataDirectory: this.#dataDir(flags),
    });
    await settleDeadRuns(tools);
    return { tools, [Symbol.asyncDispose]: nothingToClose };
  }

  async openNotifications(flags: PlaceFlags): Promise<OpenNotifications> {
    return openNotifications({
      dataDirectory: this.#dataDir(flags),
      home: this.#home(flags),
      parts: () => this.#parts(flags),
      clock,
      log: consoleLog(this.#notice),
    });
  }

  async readSettings(flags: PlaceFlags): Promise<StoredSettings & { readonly dataDir: string }> {
    const stored = await this.#home(flags).settings.read(onlyHome);
    return { ...parseStoredSettings(stored), dataDir: this.#dataDir(flags) };
  }

  async saveSettings(flags: PlaceFlags, settings: SavedSettings): Promise<void> {
    const { paths, rules, service } = settings;
    const { location } = paths;
    const { signal } = this.#console;
    const locationId =
      location === undefined
        ? undefined
        : await markLocation(findKind(folderKind), folderSettings(location), signal);
    const change = { paths, rules, locationId, ...(service === undefined ? {} : { service }) };
    await this.#home(flags).settings.change(onlyHome, change);
  }

  async resolvePaths(flags: PlaceFlags): Promise<Readonly<Record<string, string>>> {
    const { dataDir, paths: saved } = await this.readSettings(flags);
    const chosen = chosenLocation(flags, this.#console.env);
    if (chosen !== undefined && !isFolderPath(chosen)) throw noFolder(chosen);
    const paths = await resolvePaths(flags, this.#console.env, saved);
    homePaths(paths, dataDir);
    return paths;
  }

  keyRing(flags: PlaceFlags): KeyRingStore {
    return this.#home(flags).keyRing;
  }

  access(flags: PlaceFlags): ReturnType<Services["access"]> {
    return { store: this.#home(flags).access, clock };
  }

  settingsStores(flags: PlaceFlags): SettingsStores {
    return this.#home(flags).stores;
  }

  inbox(flags: PlaceFlags): InboxStore {
    return this.#home(flags).inbox;
  }

  arrivals(flags: PlaceFlags): ArrivalStore {
    return this.#home(flags).arrivals;
  }

  sharing(flags: PlaceFlags): SharingStore {
    return this.#home(flags).sharing;
  }

  plans(flags: PlaceFlags): HomePlans {
    return this.#home(flags).plans;
  }

  async describeForKit(flags: PlaceFlags): ReturnType<Services["describeForKit"]> {
    const { paths: saved } = await this.readSettings(flags);
    const { config } = await resolvePaths(flags, this.#console.env, saved);
    const { book } = this.#home(flags);
    const described = await book.describe();
    const chosen = chosenLocation(flags, this.#console.env);
    const known = described.find(({ id, isDefault }) => (chosen ? id === chosen : isDefault));
    const named = chosen ?? "";
    const location = known?.where ?? (isFolderPath(named) ? resolve(named) : named);
    return { installation: hostname(), home: config, location };
  }

  async writePrivateFile(path: string, text: string, overwrite: boolean): Promise<void> {
    writePrivateFile(path, text, overwrite);
  }

  async serve(flags: PlaceFlags, options: ServeOptions): Promise<void> {
    // A server loads what no other command needs.
    const { runServer } = await import("./serve/run-server.ts");
    const { serverSettings } = await import("./serve/server-settings.ts");
    const { env } = this.#console;
    // A server comes up also where the home is away.
    const wantsTls = options.tls === true || env["SAFEHOUSE_TLS"] === "true";
    const settings = serverSettings(options, env, wantsTls ? await this.#ssl(flags) : undefined);
    const dataDirectory = this.#dataDir(flags);
    const home = this.#home(flags);
    const console = this.#console;
    const parts = (): Promise<readonly Part[]> => this.#parts(flags);
    await runServer({ services: this, dataDirectory, settings, home, parts, console, clock });
  }

  async runningServer(flags: PlaceFlags): Promise<RunningServer | undefined> {
    return readRunningServer(this.#dataDir(flags));
  }

  translateError(error: unknown): unknown {
    return asSafehouseError(error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }

  #dataDir(flags: PlaceFlags): string {
    return dataDirectory(flags, this.#console.env);
  }

  /** Opened once for each data directory. */
  #home(flags: PlaceFlags): LocalHome {
    const directory = this.#dataDir(flags);
    const known = this.#homes.get(directory);
    if (known !== undefined) return known;
    const options = { dataDirectory: directory, clock, notice: this.#notice };
    const home = this.#opened.use(new LocalHome(options));
    this.#homes.set(directory, home);
    return home;
  }

  async #ssl(flags: PlaceFlags): Promise<string | undefined> {
    const { paths: saved } = await this.readSettings(flags);
    return (await resolvePaths(flags, this.#console.env, saved))["ssl"];
  }

  async #parts(flags: PlaceFlags): Promise<readonly Part[]> {
    const { dataDir, paths: saved } = await this.readSettings(flags);
    const paths = homePaths(await resolvePaths(flags, this.#console.env, saved), dataDir);
    const { parts } = await new FolderInstallation(paths, clock).describe(this.#console.signal);
    return parts;
  }

  readonly #notice = (sentence: string): void => this.#console.err(`${sentence}\n`);

  #tools(dataDir: string): OpenHome["tools"] {
    const openPool = (): ReturnType<SharedPool["open"]> => this.#pool.open();
    const closePool = (): Promise<void> => this.#pool.close();
    return {
      openPool,
      closePool,
      openSpool: () => openSpool(join(dataDir, "scratch")),
      spoolSpace: () => spoolSpace(dataDir),
      clock,
      writer,
    };
  }

  async #hold(dataDir: string, purpose: string, signal: AbortSignal): Promise<AsyncDisposable> {
    const owner = { purpose: `A ${purpose}`, now: clock.now() };
    const lease = await takeLease(join(dataDir, "run"), owner, signal);
    return { [Symbol.asyncDispose]: async () => lease[Symbol.dispose]() };
  }
}

/** What belongs to the home stays open for whoever asks next. */
async function nothingToClose(): Promise<void> {}
