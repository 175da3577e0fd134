import { setTimeout as pause } from "node:timers/promises";
import { StorageError } from "../errors.ts";
import type { ReportSettled, StoredObject } from "../provider.ts";
import type { SyncthingApi } from "./api.ts";
import { deviceNames, isConnected } from "./devices.ts";
import { fieldsOf, itemsOf, numberOf, textOf } from "./json.ts";
import type { SyncthingSettings } from "./settings.ts";
import { findSharedFolder, refuseReceiveOnly } from "./shared-folder.ts";
import type { SharedFolder } from "./shared-folder.ts";

export interface SettlingOrder {
  /** As it lies here. */
  readonly object: StoredObject;
  readonly settings: SyncthingSettings;
  readonly report: ReportSettled;
}

/**
 * Waits until enough other devices have an object. Syncthing is asked about once a second; there is no limit on the whole,
 * and whatever moves is reported.
 */
export class Settling {
  readonly #api: SyncthingApi;
  readonly #order: SettlingOrder;
  readonly #signal: AbortSignal;
  readonly #begun = performance.now();
  #scan: "none" | "under way" | "ended" = "none";
  #scanFailure: unknown;
  /** What was last seen to move. */
  #seen = "";
  #otherSince: number | undefined;

  constructor(api: SyncthingApi, order: SettlingOrder, signal: AbortSignal) {
    this.#api = api;
    this.#order = order;
    this.#signal = signal;
  }

  /**
   * Rejects with `unreachable` while too few devices are connected, `busy` while the folder is paused, `unsupported` where
   * it cannot come to enough devices as Syncthing is set up, and as Syncthing's interface.
   */
  async done(): Promise<void> {
    for (;;) {
      const { settings } = this.#order;
      const folder = await findSharedFolder(this.#api, settings, this.#signal);
      this.#check(folder);
      const scanEnded = this.#scan === "ended";
      if (await this.#isTakenIn(folder)) {
        if (await this.#hasArrived(folder)) return;
      } else if (scanEnded) {
        throw await this.#notTakenIn(folder);
      } else {
        await this.#startScan(folder);
      }
      await pause(lookEveryMs, undefined, { signal: this.#signal });
    }
  }

  /** What no waiting changes. */
  #check(folder: SharedFolder): void {
    const { devices: wanted } = this.#order.settings;
    const { name, isPaused, devices } = folder;
    refuseReceiveOnly(folder);
    if (isPaused) throw new StorageError("busy", `Syncthing has paused the folder ${name}`);
    if (devices.length >= wanted) return;
    const message = `Syncthing shares the folder ${name} with ${devices.length} other devices, but ${wanted} are to have what is kept there`;
    throw new StorageError("unsupported", message);
  }

  /** Lets Syncthing look at the file at once; without it that may take a while, or an hour where it does not watch. */
  async #startScan(folder: SharedFolder): Promise<void> {
    await this.#checkErrors(folder);
    if (this.#scan !== "none") {
      await this.#reportHashing(folder);
      return;
    }
    this.#scan = "under way";
    const query = { folder: folder.id, sub: this.#fileIn(folder) };
    this.#api.post("db/scan", query, this.#signal).then(
      () => (this.#scan = "ended"),
      (error: unknown) => {
        this.#scan = "ended";
        this.#scanFailure = error;
      },
    );
  }

  #fileIn({ prefix }: SharedFolder): string {
    return prefix + this.#order.object.key;
  }

  /** True if Syncthing knows the file as it lies here, and no other device has another one of that name. */
  async #isTakenIn(folder: SharedFolder): Promise<boolean> {
    const { size, modifiedAt, key } = this.#order.object;
    const found = fieldsOf(await this.#file(folder));
    const local = fieldsOf(found["local"]);
    const isCurrent =
      !["deleted", "ignored", "invalid", "mustRescan"].some((flag) => local[flag] === true) &&
      local["size"] === size &&
      Math.abs(Date.parse(textOf(local["modified"])) - modifiedAt) <= timeToleranceMs;
    if (!isCurrent) return false;
    const isNewest =
      JSON.stringify(local["version"]) === JSON.stringify(fieldsOf(found["global"])["version"]);
    if (isNewest) {
      this.#otherSince = undefined;
      return true;
    }
    this.#otherSince ??= performance.now();
    if (performance.now() - this.#otherSince < graceMs) return false;
    const message = `Another device has a ${key} of its own: Syncthing keeps one of them and calls the other a conflict`;
    throw new StorageError("already-exists", message, { key });
  }

  #file(folder: SharedFolder): Promise<unknown> {
    const query = { folder: folder.id, file: this.#fileIn(folder) };
    return this.#api.get("db/file", query, this.#signal);
  }

  async #hasArrived(folder: SharedFolder): Promise<boolean> {
    const { settings, object, report } = this.#order;
    const { devices: wanted } = settings;
    const has = await this.#devicesWithIt(folder);
    if (has.size >= wanted) {
      report(object.size);
      return true;
    }
    const lacking = await this.#lackingBytes(folder);
    for (const [device, bytes] of lacking) if (bytes === undefined) has.add(device);
    if (has.size >= wanted) {
      report(object.size);
      return true;
    }
    const least = Array.from(lacking.values(), (bytes) => bytes ?? 0).toSorted((a, b) => a - b);
    this.#moved(JSON.stringify(least), Math.max(0, object.size - (least[wanted - 1] ?? 0)));
    await this.#checkConnected(folder, has);
    return false;
  }

  /** Connected devices that have told that they have it. */
  async #devicesWithIt(folder: SharedFolder): Promise<Set<string>> {
    const { availability } = fieldsOf(await this.#file(folder));
    const whole = itemsOf(availability)
      .map(fieldsOf)
      // The others have parts of it.
      .filter(({ fromTemporary }) => fromTemporary !== true);
    const ids = new Set(whole.map(({ id }) => textOf(id)));
    return new Set(folder.devices.filter((device) => ids.has(device)));
  }

  /** Bytes of the folder that each device still needs; undefined if it needs nothing, also if it is not connected now. */
  async #lackingBytes(folder: SharedFolder): Promise<Map<string, number | undefined>> {
    const lacking = new Map<string, number | undefined>();
    for (const device of folder.devices) {
      const query = { folder: folder.id, device };
      const told = fieldsOf(await this.#api.get("db/completion", query, this.#signal));
      const isComplete = numberOf(told["needItems"]) === 0 && numberOf(told["globalItems"]) > 0;
      lacking.set(device, isComplete ? undefined : numberOf(told["needBytes"]));
    }
    return lacking;
  }

  async #checkConnected(folder: SharedFolder, has: ReadonlySet<string>): Promise<void> {
    // Just started, or a line that was cut: it may be back in a moment.
    if (performance.now() - this.#begun < graceMs) return;
    const { devices: wanted } = this.#order.settings;
    const told = fieldsOf(await this.#api.get("system/connections", {}, this.#signal));
    const connections = fieldsOf(told["connections"]);
    const away = folder.devices.filter(
      (device) => !has.has(device) && !isConnected(connections, device),
    );
    if (folder.devices.length - away.length >= wanted) return;
    const names = await deviceNames(this.#api, away, this.#signal);
    const message = `${this.#order.object.key} is here, but not yet with other devices: ${names} not connected with Syncthing`;
    throw new StorageError("unreachable", message, { key: this.#order.object.key });
  }

  /** Why Syncthing does not have the file, although it has looked. */
  async #notTakenIn(folder: SharedFolder): Promise<Error> {
    if (this.#scanFailure instanceof Error) return this.#scanFailure;
    await this.#checkErrors(folder);
    const { key } = this.#order.object;
    const message = `Syncthing does not carry ${key} to other devices: a pattern in .stignore keeps it back, or it is gone`;
    return new StorageError("unsupported", message, { key });
  }

  /** Errors of the folder as a whole, and of this file. */
  async #checkErrors(folder: SharedFolder): Promise<void> {
    const { key } = this.#order.object;
    const status = fieldsOf(await this.#api.get("db/status", { folder: folder.id }, this.#signal));
    const error = textOf(status["error"]) || textOf(status["invalid"]);
    if (error !== "") {
      throw new StorageError(
        "unreachable",
        `Syncthing has stopped the folder ${folder.name}: ${error}`,
      );
    }
    const told = fieldsOf(
      await this.#api.get("folder/errors", { folder: folder.id }, this.#signal),
    );
    const own = itemsOf(told["errors"])
      .map(fieldsOf)
      .find(({ path }) => path === this.#fileIn(folder));
    if (own === undefined) return;
    throw new StorageError("denied", `Syncthing cannot read ${key}: ${textOf(own["error"])}`, {
      key,
    });
  }

  /** Reading a large file takes Syncthing a while, too; it tells of that by events. */
  async #reportHashing(folder: SharedFolder): Promise<void> {
    const query = { events: "FolderScanProgress", since: "0", timeout: "0", limit: "1" };
    const [event] = itemsOf(await this.#api.get("events", query, this.#signal));
    const { data } = fieldsOf(event);
    const { folder: id, current } = fieldsOf(data);
    if (id === folder.id) this.#moved(`hashing ${numberOf(current)}`, 0);
  }

  #moved(state: string, bytes: number): void {
    if (this.#seen === state) return;
    this.#seen = state;
    this.#order.report(bytes);
  }
}

const lookEveryMs = 1000;
const graceMs = 5000;
/** Syncthing's times are as exact as the file system's; ours are in milliseconds. */
const timeToleranceMs = 2;
