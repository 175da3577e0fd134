import type { ByteSource } from "#core/ports.ts";
import { StorageError } from "../errors.ts";
import type {
  ByteRange,
  Content,
  FreeSpace,
  Incoming,
  Leftover,
  ObjectWriter,
  Settlement,
  StorageFeatures,
  StorageProvider,
  StoredObject,
  WriteOptions,
} from "../provider.ts";
import { SyncthingApi } from "./api.ts";
import { ignoreUnfinished } from "./ignore-unfinished.ts";
import { isSyncthingsName } from "./own-names.ts";
import { settlementOf } from "./settlement.ts";
import type { SyncthingSettings } from "./settings.ts";
import { findSharedFolder, refuseReceiveOnly } from "./shared-folder.ts";

/**
 * A folder of this machine that Syncthing carries to other devices. Objects are kept as the place of the folder keeps them;
 * `settlement` asks Syncthing about the others.
 */
export class SyncthingStorage implements StorageProvider {
  readonly kind = "syncthing";
  readonly incoming: Incoming | undefined;
  readonly #local: StorageProvider;
  readonly #settings: SyncthingSettings;
  readonly #api: SyncthingApi;

  /** @param local the folder itself as a place */
  constructor(local: StorageProvider, settings: SyncthingSettings) {
    this.#local = local;
    this.#settings = settings;
    this.#api = new SyncthingApi(settings);
    this.incoming = local.incoming && this.#preparing(local.incoming);
  }

  get features(): StorageFeatures {
    return { ...this.#local.features, settles: true };
  }

  async write(key: string, content: Content, signal: AbortSignal): Promise<StoredObject> {
    const name = nameOf(key);
    await this.#prepare(signal);
    return this.#local.write(name, content, signal);
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
    return this.#local.stat(nameOf(key), signal);
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

  async settlement(key: string, signal: AbortSignal): Promise<Settlement> {
    const object = await this.#local.stat(nameOf(key), signal);
    return settlementOf({ api: this.#api, settings: this.#settings, object }, signal);
  }

  /**
   * Before anything unfinished is there. What can be written here is kept here, also while Syncthing does not run: that it
   * goes nowhere is for `settlement` to tell. Only a folder that never sends is refused.
   */
  async #prepare(signal: AbortSignal): Promise<void> {
    const soon = AbortSignal.any([signal, AbortSignal.timeout(answerInMs)]);
    try {
      const folder = await findSharedFolder(this.#api, this.#settings, soon);
      refuseReceiveOnly(folder);
      await ignoreUnfinished(this.#api, folder, soon);
    } catch (error) {
      signal.throwIfAborted();
      const isOfSyncthing = error instanceof StorageError || soon.aborted;
      if (!isOfSyncthing || (error instanceof StorageError && error.problem === "read-only"))
        throw error;
    }
  }

  #preparing(incoming: Incoming): Incoming {
    return {
      folder: (signal) => this.#prepare(signal).then(() => incoming.folder(signal)),
      ownName: () => incoming.ownName(),
      open: (name, signal) => incoming.open(name, signal),
      adopt: async (name, key, signal) => incoming.adopt(name, nameOf(key), signal),
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
