import { hostname } from "node:os";
import { join, resolve } from "node:path";
import type { Console } from "#cli/console.ts";
import type {
  OpenHome,
  OpenLocation,
  OpenLocations,
  OpenNotifications,
  OpenRuns,
  PlaceFlags,
  RunningServer,
  SavedSettings,
  ServeOptions,
  Services,
} from "#operations/services.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { Clock } from "#core/ports.ts";
import { parseRule } from "#core/rules/parse-rule.ts";
import { FolderInstallation } from "#installation/folder/folder-installation.ts";
import { takeLease } from "#installation/folder/restore/lease.ts";
import type { ArchiveTools } from "#jobs/archive/archive-tools.ts";
import { IncomingFiles } from "#jobs/backup/incoming-files.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import { LocalStorage } from "#storage/local/provider.ts";
import { parseLocalSettings } from "#storage/local/settings.ts";
import type { SettingsStores } from "#jobs/settings/settings-stores.ts";
import type { HomePlans } from "#jobs/plan/home-plans.ts";
import { settleDeadRuns } from "#jobs/runs/settle-dead-runs.ts";
import type { KeyRingStore } from "#keys/key-ring-port.ts";
import { StateCatalogue } from "#state/catalogue.ts";
import { AccessFile } from "#state/access-file.ts";
import { KeyRingFile } from "#state/key-ring-file.ts";
import { StatePlanRecords } from "#state/plan-records.ts";
import { SettingsPlanStore } from "#state/plan-store.ts";
import { openState, type State } from "#state/open-state.ts";
import { SecretKeyFile } from "#state/secret-key-store.ts";
import { Settings } from "#state/settings.ts";
import { findKind, folderKind, folderSettings } from "#storage/catalog.ts";
import { asSafehouseError } from "#storage/errors.ts";
import { archiveFileTools } from "./archive-file-tools.ts";
import { consoleLog } from "./console-log.ts";
import { dataDirectory } from "./data-directory.ts";
import { installationId } from "./installation-id.ts";
import { isFolderPath } from "./locations/is-folder-path.ts";
import { LocationBook } from "./locations/location-book.ts";
import { OpenedLocations } from "./locations/opened-locations.ts";
import { markLocation } from "./mark-location.ts";
import { onlyHome } from "./only-home.ts";
import { openNotifications } from "./open-notifications.ts";
import { homePaths, resolvePaths } from "./path-settings.ts";
import { writePrivateFile } from "./private-file.ts";
import { programVersion } from "./program-version.ts";
import { readRunningServer } from "./running-server.ts";
import { runTools } from "./run-tools.ts";
import { SharedPool } from "./shared-pool.ts";
import { openSpool } from "./spool.ts";
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

  async openLocation(flags: PlaceFlags): Promise<OpenLocation> {
    const { locations, installation, chosen, recovered, close } = this.#locations(flags);
    try {
      const id = chosen ?? (await locations.default());
      const location = await locations.open(id, this.#console.signal);
      const tools = this.#tools(this.#dataDir(flags));
      return {
        location,
        openLocation: async (other, signal) =>
          other === location.id ? location : await locations.open(other, signal),
        locationId: (named) => (isFolderPath(named) ? resolve(named) : named),
        incoming: this.#incoming(flags, location),
        installationId: installation,
        tools,
        recovered,
        [Symbol.asyncDispose]: close,
      };
    } catch (error) {
      await close();
      throw error;
    }
  }

  async openLocations(flags: PlaceFlags): Promise<OpenLocations> {
    const { locations, book, chosen, close } = this.#locations(flags);
    return { locations, setUp: book, chosen, clock, [Symbol.asyncDispose]: close };
  }

  async openHome(flags: PlaceFlags): Promise<OpenHome> {
    const { dataDir, paths: saved, rules } = await this.readSettings(flags);
    const { env, signal } = this.#console;
    const paths = homePaths(await resolvePaths(flags, env, saved), dataDir);
    const installation = new FolderInstallation(paths, clock);
    const { actions } = await installation.recover(signal);
    const place = await this.openLocation(flags);
    const recovered = [...actions, ...place.recovered];
    const hold: OpenHome["hold"] = (purpose, wanted) =>
      this.#hold(dataDir, purpose, wanted ?? signal);
    return { ...place, installation, rules: rules.map(parseRule), recovered, hold };
  }

  async openRuns(flags: PlaceFlags): Promise<OpenRuns> {
    const { state, locations, installation, close } = this.#locations(flags);
    const { signal } = this.#console;
    const tools = runTools({
      state,
      clock,
      notice: this.#notice,
      openLocation: (id, asked) => locations.open(id, asked),
      installationId: installation,
      signal,
    });
    try {
      await settleDeadRuns(tools);
      return { tools, [Symbol.asyncDispose]: close };
    } catch (error) {
      await close();
      throw error;
    }
  }

  async openNotifications(flags: PlaceFlags): Promise<OpenNotifications> {
    const log = consoleLog(this.#notice);
    return openNotifications({
      dataDirectory: this.#dataDir(flags),
      state: this.#state(flags),
      clock,
      log,
    });
  }

  async readSettings(flags: PlaceFlags): Promise<StoredSettings & { readonly dataDir: string }> {
    const dataDir = this.#dataDir(flags);
    using state = this.#state(flags);
    return { ...parseStoredSettings(await new Settings(dataDir, state).read(onlyHome)), dataDir };
  }

  async saveSettings(flags: PlaceFlags, { paths, rules }: SavedSettings): Promise<void> {
    const { location } = paths;
    const { signal } = this.#console;
    const locationId =
      location === undefined
        ? undefined
        : await markLocation(findKind(folderKind), folderSettings(location), signal);
    using state = this.#state(flags);
    await new Settings(this.#dataDir(flags), state).change(onlyHome, { paths, rules, locationId });
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
    const state = this.#opened.use(this.#state(flags));
    return new KeyRingFile(this.#dataDir(flags), onlyHome, state);
  }

  access(flags: PlaceFlags): ReturnType<Services["access"]> {
    const state = this.#opened.use(this.#state(flags));
    return { store: new AccessFile(this.#dataDir(flags), onlyHome, state), clock };
  }

  settingsStores(flags: PlaceFlags): SettingsStores {
    const state = this.#opened.use(this.#state(flags));
    const settings = new Settings(this.#dataDir(flags), state);
    return {
      settings: {
        read: () => settings.read(onlyHome),
        decide: (decide) => settings.decide(onlyHome, decide),
      },
      ring: this.keyRing(flags),
      secretKey: new SecretKeyFile(this.#dataDir(flags)),
    };
  }

  plans(flags: PlaceFlags): HomePlans {
    const state = this.#opened.use(this.#state(flags));
    const settings = new Settings(this.#dataDir(flags), state);
    const records = new StatePlanRecords(state, onlyHome);
    const store = new SettingsPlanStore({ home: onlyHome, settings, records, clock });
    return { store, records, installation: () => installationId(settings) };
  }

  async describeForKit(flags: PlaceFlags): ReturnType<Services["describeForKit"]> {
    const { paths: saved } = await this.readSettings(flags);
    const { config } = await resolvePaths(flags, this.#console.env, saved);
    const { book, locations, chosen, close } = this.#locations(flags);
    try {
      const id = chosen ?? (await locations.default());
      const known = (await book.describe()).find((location) => location.id === id);
      const location = known?.where ?? (isFolderPath(id) ? resolve(id) : id);
      return { installation: hostname(), home: config, location };
    } finally {
      await close();
    }
  }

  async writePrivateFile(path: string, text: string, overwrite: boolean): Promise<void> {
    writePrivateFile(path, text, overwrite);
  }

  async serve(flags: PlaceFlags, options: ServeOptions): Promise<void> {
    // A server loads what no other command needs.
    const { runServer } = await import("./serve/run-server.ts");
    const { serverSettings } = await import("./serve/server-settings.ts");
    const settings = serverSettings(options, this.#console.env);
    const dataDirectory = this.#dataDir(flags);
    const state = this.#opened.use(this.#state(flags));
    const console = this.#console;
    await runServer({ services: this, dataDirectory, settings, state, console, clock });
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

  #state(flags: PlaceFlags): State {
    return openState({ dataDirectory: this.#dataDir(flags), clock, notice: this.#notice });
  }

  /** @returns what is closed by `close` */
  #locations(flags: PlaceFlags) {
    const state = this.#state(flags);
    const dataDirectory = this.#dataDir(flags);
    const settings = new Settings(dataDirectory, state);
    const book = new LocationBook({ dataDirectory, home: onlyHome, settings });
    const sentences: string[] = [];
    const locations = new OpenedLocations({
      book,
      home: onlyHome,
      catalogue: new StateCatalogue(state),
      clock,
      recovered: (sentence) => void sentences.push(sentence),
    });
    const recovered: readonly string[] = sentences;
    const chosen = chosenLocation(flags, this.#console.env);
    const close = async (): Promise<void> => state[Symbol.dispose]();
    const installation = (): Promise<string> => installationId(settings);
    return { state, book, locations, installation, recovered, chosen, close };
  }

  #incoming(flags: PlaceFlags, location: ArchiveLocation): IncomingFiles {
    const ownDisk = new LocalStorage(parseLocalSettings({ path: this.#dataDir(flags) }));
    return new IncomingFiles(location, ownDisk.incoming);
  }

  readonly #notice = (sentence: string): void => this.#console.err(`${sentence}\n`);

  #tools(dataDir: string): OpenHome["tools"] {
    const openPool = (): ReturnType<SharedPool["open"]> => this.#pool.open();
    const closePool = (): Promise<void> => this.#pool.close();
    return {
      openPool,
      closePool,
      openSpool: () => openSpool(join(dataDir, "scratch")),
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

/** What was named for a location, an id or a path; undefined if nothing was. */
function chosenLocation(
  { location }: PlaceFlags,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const named = location ?? env["SAFEHOUSE_LOCATION"];
  return named === "" ? undefined : named;
}

function noFolder(named: string): SafehouseError {
  return new SafehouseError("usage", `${named} is no path of a folder`, {
    subject: named,
    advice: `Write ./${named} for a folder here; to back up to location ${named} from now on, use: safehouse locations default ${named}`,
  });
}
