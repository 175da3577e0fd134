import { realpath } from "node:fs/promises";
import type { ByteSource } from "#core/ports.ts";
import { StorageError } from "../errors.ts";
import type {
  ByteRange,
  Content,
  FreeSpace,
  Incoming,
  Leftover,
  ObjectWriter,
  ReportSettled,
  StorageFeatures,
  StorageProvider,
  StoredObject,
  WriteOptions,
} from "../provider.ts";
import { SyncthingApi } from "./api.ts";
import { ignoreUnfinished } from "./ignore-unfinished.ts";
import { isSyncthingsName } from "./own-names.ts";
import { Settling } from "./settling.ts";
import type { SyncthingSettings } from "./settings.ts";
import { findSharedFolder, findTop, refuseReceiveOnly } from "./shared-folder.ts";

/**
 * A folder of this machine that Syncthing carries to other devices. Objects are kept as the place of the folder keeps them;
 * `settle` waits for the others.
 */
export class SyncthingStorage implements StorageProvider {
  readonly kind = "syncthing";
  readonly incoming: Incoming | undefined;
  readonly #local: StorageProvider;
  readonly #settings: SyncthingSettings;
  readonly #api: SyncthingApi;
  #isPrepared = false;

  /** @param local the folder itself as a place */
  constructor(local: StorageProvider, settings: SyncthingSettings) {
    this.#local = local;
    this.#settings = settings;
    this.#api = new SyncthingApi(settings);
    this.incoming = local.incoming && this.#preparing(local.incoming);
  }

  get features(): StorageFeatures {
    return this.#local.features;
  }

  async write(key: string, content: Content, signal: AbortSignal): Promise<StoredObject> {
    const name = nameOf(key);
    await this.#prepare(signal);
    return { ...(await this.#local.write(name, content, signal)), key };
  }

  async openWrite(key: string, options: WriteOptions, signal: AbortSignal): Promise<ObjectWriter> {
    const name = nameOf(key);
    await this.#prepare(signal);
    return this.#local.openWrite(name, options, signal);
  }

  async read(
    key: string,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    return this.#local.read(nameOf(key), range, signal);
  }

  async open(key: string, signal: AbortSignal): Promise<ByteSource> {
    return this.#local.open(nameOf(key), signal);
  }

  async stat(key: string, signal: AbortSignal): Promise<StoredObject> {
    return { ...(await this.#local.stat(nameOf(key), signal)), key };
  }

  async *list(prefix: string, signal: AbortSignal): AsyncIterable<readonly StoredObject[]> {
    for await (const page of this.#local.list(prefix.normalize("NFC"), signal))
      yield page.filter(({ key }) => !key.split("/").some(isSyncthingsName));
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    await this.#local.remove(nameOf(key), signal);
  }

  async freeSpace(signal: AbortSignal): Promise<FreeSpace | undefined> {
    return this.#local.freeSpace(signal);
  }

  async removeLeftovers(signal: AbortSignal): Promise<readonly Leftover[]> {
    return this.#local.removeLeftovers(signal);
  }

  async settle(key: string, report: ReportSettled, signal: AbortSignal): Promise<void> {
    const object = await this.stat(key, signal);
    if (this.#settings.devices === 0) return;
    const order = { object: { ...object, key: nameOf(key) }, settings: this.#settings, report };
    await new Settling(this.#api, order, signal).done();
  }

  /** Before anything unfinished is there. Syncthing need not run for it. */
  async #prepare(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#refuseReceiveOnly(signal);
    if (this.#isPrepared) return;
    const { path } = this.#settings;
    const place = await realpath(path).catch(() => path);
    const top = await findTop(place);
    // Without a marker Syncthing does nothing there, and the place itself says what is wrong with it.
    if (top === undefined) return;
    await ignoreUnfinished(top, place);
    this.#isPrepared = true;
  }

  async #refuseReceiveOnly(signal: AbortSignal): Promise<void> {
    const soon = AbortSignal.any([signal, AbortSignal.timeout(answerInMs)]);
    try {
      refuseReceiveOnly(await findSharedFolder(this.#api, this.#settings, soon));
    } catch (error) {
      signal.throwIfAborted();
      // What can be written here is kept here. That it goes nowhere is for `settle` to tell.
      const isOfSyncthing = error instanceof StorageError || soon.aborted;
      if (!isOfSyncthing || (error instanceof StorageError && error.problem === "read-only")) {
        throw error;
      }
    }
  }

  #preparing(incoming: Incoming): Incoming {
    return {
      folder: (signal) => this.#prepare(signal).then(() => incoming.folder(signal)),
      ownName: () => incoming.ownName(),
      open: (name, signal) => incoming.open(name, signal),
      adopt: async (name, key, signal) => ({
        ...(await incoming.adopt(name, nameOf(key), signal)),
        key,
      }),
      remove: (name, signal) => incoming.remove(name, signal),
    };
  }
}

const answerInMs = 3000;

/**
 * The name under which a key is kept. Syncthing gives files the composed form of their names, so they have it from the
 * beginning. Throws a `RangeError` for names that are its own.
 */
function nameOf(key: string): string {
  if (!key.split("/").some(isSyncthingsName)) return key.normalize("NFC");
  throw new RangeError(`"${key}" is a name that Syncthing uses itself`);
}
