import { createHash } from "node:crypto";
import type {
  BackupWish,
  KeptBackup,
  RestoreWish,
  StartedBackup,
  StartedRun,
  StoredArchive,
  SupervisorBackups,
  UploadTarget,
} from "#api/supervisor/backups/backups-port.ts";
import type { LocationName } from "#api/supervisor/location-name.ts";
import type { Part } from "#core/model/part.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { Run } from "#core/model/run.ts";
import { hasEnded } from "#core/run/run-state.ts";
import { newBackupOperation } from "#operations/backups/new-backup.ts";
import { restoreBackupOperation } from "#operations/backups/restore-backup.ts";
import type { HomeHold } from "./home-hold.ts";
import type { HomeInfo } from "./home-info.ts";
import { inOwnWords, withLocations, type HomeTools } from "./home-tools.ts";
import { archivesOf, keptBackups, type KnownArchive } from "./kept-backups.ts";
import { locationIds, operationLocation } from "./operation-location.ts";
import type { RecentLook } from "./recent-look.ts";
import { selectionOf, wishFor, type StartedRuns } from "./started-runs.ts";
import { changeSupervisorSettings, readSupervisorSettings } from "./supervisor-settings.ts";
import { takeUpload } from "./take-upload.ts";

export interface HomeBackupsParts {
  readonly look: RecentLook;
  readonly runs: StartedRuns;
  readonly hold: HomeHold;
  readonly info: HomeInfo;
}

/** The backups of the home, by its locations, its operations and its workers. */
export class HomeBackups implements SupervisorBackups {
  readonly #tools: HomeTools;
  readonly #look: RecentLook;
  readonly #runs: StartedRuns;
  readonly #hold: HomeHold;
  readonly #info: HomeInfo;

  constructor(tools: HomeTools, { look, runs, hold, info }: HomeBackupsParts) {
    this.#tools = tools;
    this.#look = look;
    this.#runs = runs;
    this.#hold = hold;
    this.#info = info;
  }

  async locations(): Promise<readonly LocationName[]> {
    return withLocations(this.#tools, async (named) => named.map(({ name }) => name));
  }

  async list(): Promise<readonly KeptBackup[]> {
    return keptBackups(await this.#look.seen());
  }

  async find(slug: string): Promise<KeptBackup | undefined> {
    const isIt = (backup: KeptBackup): boolean => backup.slug === slug;
    const known = (await this.list()).find(isIt);
    if (known !== undefined) return known;
    // It may have come a moment ago.
    await this.#look.again();
    return (await this.list()).find(isIt);
  }

  async reload(): Promise<void> {
    await this.#look.again();
  }

  async daysUntilStale(): Promise<number> {
    return (await readSupervisorSettings(this.#tools.settings)).daysUntilStale;
  }

  async setDaysUntilStale(daysUntilStale: number): Promise<void> {
    await changeSupervisorSettings(this.#tools.settings, { daysUntilStale });
  }

  async create(wish: BackupWish): Promise<StartedBackup> {
    await this.#refuseBusy();
    const { parts: there } = await this.#info.installation();
    const { name, fileName, password, compressed, extra, parts, excludeDatabase } = wish;
    const locations = await this.#idsOf(wish.locations);
    const input = {
      ...(name === undefined ? {} : { name }),
      ...(fileName === undefined ? {} : { fileName }),
      ...(password === undefined ? { encryption: false } : { password }),
      ...selectionOf(parts),
      compressed,
      extra,
      excludeDatabase,
      locations,
      queue: false,
    };
    const order = { operation: newBackupOperation, input, wish: wishFor(parts, there) };
    const { id, ended, run } = await this.#runs.begin(order, hasName);
    return { id, ended, slug: run.backup?.slug ?? "" };
  }

  async restore(slug: string, wish: RestoreWish): Promise<StartedRun> {
    await this.#refuseBusy();
    const archive = await this.#archiveAt(slug, wish.location);
    const { password, parts } = wish;
    const input = {
      backup: archive.object.key,
      ...operationLocation(archive.location),
      ...(password === undefined ? {} : { password }),
      ...selectionOf(parts),
      // Clients cannot be asked whether an earlier undo may go.
      replaceUndo: true,
    };
    const order = {
      operation: restoreBackupOperation,
      input,
      wish: wishFor(parts, partsOf(archive)),
    };
    const { id, ended } = await this.#runs.begin(order, isStaging);
    return { id, ended };
  }

  async upload(content: AsyncIterable<Uint8Array>, target: UploadTarget): Promise<string> {
    const slug = await takeUpload(content, target, this.#tools);
    await this.#look.again();
    return slug;
  }

  async open(slug: string, name: LocationName): Promise<StoredArchive> {
    const { services, place, signal } = this.#tools.context;
    const { location, object } = await this.#archiveAt(slug, name);
    const open = await services.openLocations(place);
    try {
      const at = await open.locations.open(location.id, signal);
      const found = await at.find(object.key, signal);
      const source = await at.openFound(found, signal);
      const { key, modifiedAt, version } = found.object;
      const close = async (): Promise<void> => {
        await source.close();
        await open[Symbol.asyncDispose]();
      };
      const read: typeof source.read = (offset, length) => source.read(offset, length);
      return {
        fileName: key,
        source: { size: source.size, read, close },
        modifiedAt,
        version: createHash("sha256").update(`${key}\0${version}`).digest("hex").slice(0, 32),
      };
    } catch (error) {
      await open[Symbol.asyncDispose]();
      await this.#look.again();
      throw services.translateError(error);
    }
  }

  async remove(slug: string, names: readonly LocationName[]): Promise<void> {
    const { signal } = this.#tools.context;
    const archives = archivesOf(await this.#look.seen(), slug);
    const concerned = archives.filter(({ location }) => names.includes(location.name));
    try {
      await withLocations(this.#tools, async (_, { locations }) => {
        for (const { location, object } of concerned)
          await (await locations.open(location.id, signal)).remove(object.key, signal);
      });
    } finally {
      await this.#look.again();
    }
    const gone = names.find((name) => concerned.every(({ location }) => location.name !== name));
    if (gone !== undefined) throw notThere(slug, gone);
  }

  async state(): Promise<"running" | "freeze"> {
    if (this.#hold.isHeld || this.#runs.isAtWork) return "freeze";
    const { services, place } = this.#tools.context;
    await using runs = await services.openRuns(place);
    const open = await runs.tools.journal.open(runs.tools.home);
    return open.some(holdsHome) ? "freeze" : "running";
  }

  async freeze(seconds: number): Promise<void> {
    await this.#refuseBusy();
    await inOwnWords(this.#tools.context.services, () => this.#hold.take(seconds));
  }

  async thaw(): Promise<boolean> {
    return this.#hold.release();
  }

  async #refuseBusy(): Promise<void> {
    if ((await this.state()) === "running") return;
    throw new SafehouseError("busy", "A backup or a restore is at work, or the home is held", {
      advice: "Wait until it has ended",
    });
  }

  async #idsOf(names: readonly LocationName[]): Promise<readonly string[]> {
    return withLocations(this.#tools, async (named) => locationIds(named, names));
  }

  async #archiveAt(slug: string, name: LocationName): Promise<KnownArchive> {
    const archives = archivesOf(await this.#look.seen(), slug);
    const found = archives.find(({ location }) => location.name === name);
    if (found !== undefined) return found;
    throw notThere(slug, name);
  }
}

function notThere(slug: string, name: LocationName): SafehouseError {
  return new SafehouseError("not-found", `There is no backup ${slug} at ${name}`, {
    subject: slug,
  });
}

function hasName({ backup }: Run): boolean {
  return backup !== undefined;
}

/** Password, version and the home's signs of life have been looked at before. */
function isStaging({ steps }: Run): boolean {
  return steps.some(({ progress, state }) => progress !== undefined || state === "done");
}

/** Nobody else may begin; copies that are on their way hold up nobody. */
function holdsHome({ steps }: Run): boolean {
  return steps.some((step) => {
    const { kind } = step;
    return (kind === "make" || kind === "restore" || kind === "undo") && !hasEnded(step);
  });
}

function partsOf({ facts }: KnownArchive): readonly Part[] {
  return [
    ...(facts.homeassistant === undefined ? [] : [{ kind: "homeassistant" as const }]),
    ...facts.addons.map(({ slug }): Part => ({ kind: "addon", slug })),
    ...facts.folders.map(({ name }): Part => ({ kind: "folder", name })),
  ];
}
