import type { ByteSource } from "#core/ports.ts";
import type {
  ByteRange,
  Content,
  FreeSpace,
  Leftover,
  ObjectWriter,
  OpenBody,
  StorageFeatures,
  StorageProvider,
  StoredObject,
  WriteOptions,
} from "../provider.ts";
import { matchesChecksum } from "./checksum.ts";
import { translating } from "./errors.ts";
import { removeLeftovers } from "./leftovers.ts";
import { listObjects } from "./listing.ts";
import { WebdavPlace } from "./place.ts";
import { readRange, sourceOf } from "./reading.ts";
import type { WebdavSettings } from "./settings.ts";
import { WebdavWriting } from "./writing.ts";

/**
 * A folder at a WebDAV server, also of Nextcloud and ownCloud. It is never made here: where it is missing the place is
 * `unreachable`. Folders in it are made as they are needed and stay: whoever removes one removes all that somebody may
 * have put into it meanwhile.
 */
export class WebdavStorage implements StorageProvider {
  readonly kind = "webdav";
  readonly features: StorageFeatures;
  readonly matches?: NonNullable<StorageProvider["matches"]>;
  readonly #place: WebdavPlace;
  readonly #writing: WebdavWriting;

  constructor(settings: WebdavSettings) {
    this.#place = new WebdavPlace(settings);
    this.#writing = new WebdavWriting(this.#place);
    const { nextcloud } = this.#writing;
    this.features = {
      patch: "none",
      // `Overwrite: F` is a look and then a step at most servers.
      exclusiveCreate: false,
      freeSpace: nextcloud !== undefined,
      flaky: true,
      // Nextcloud's own limit; elsewhere it is that of the file system.
      longestName: nextcloud === undefined ? 255 : 250,
      resumable: nextcloud !== undefined && settings.chunking !== false,
      matches: nextcloud !== undefined,
    };
    if (nextcloud === undefined) return;
    this.matches = (key: string, open: OpenBody, signal: AbortSignal) =>
      matchesChecksum({ place: this.#place, nextcloud, key }, open, signal);
  }

  async write(key: string, content: Content, signal: AbortSignal): Promise<StoredObject> {
    this.#begin(key, signal);
    return this.#writing.write(key, content, signal);
  }

  async discard(key: string, state: string, signal: AbortSignal): Promise<void> {
    this.#begin(key, signal);
    await this.#writing.discard(key, state);
  }

  async openWrite(key: string, options: WriteOptions, signal: AbortSignal): Promise<ObjectWriter> {
    this.#begin(key, signal);
    const { overwrite = false, size } = options;
    return this.#writing.openWrite({ key, overwrite, size }, signal);
  }

  async read(
    key: string,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    const { size } = await this.stat(key, signal);
    return readRange({ place: this.#place, key, size }, range, signal);
  }

  async open(key: string, signal: AbortSignal): Promise<ByteSource> {
    const { size } = await this.stat(key, signal);
    return sourceOf({ place: this.#place, key, size }, signal);
  }

  async stat(key: string, signal: AbortSignal): Promise<StoredObject> {
    this.#begin(key, signal);
    return this.#place.stat(key, signal);
  }

  list(prefix: string, signal: AbortSignal): AsyncIterable<readonly StoredObject[]> {
    return listObjects(this.#place, prefix, signal);
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    this.#begin(key, signal);
    // A DELETE of a folder would take all that is in it along, and a folder is no object.
    if ((await this.#place.find(key, signal)) === undefined) return;
    await translating(this.#place.doing(key), signal, () =>
      this.#place.client.delete(this.#place.pathOf(key), signal),
    );
  }

  async freeSpace(signal: AbortSignal): Promise<FreeSpace | undefined> {
    signal.throwIfAborted();
    return translating(this.#place.doing(), signal, () => this.#place.freeSpace(signal));
  }

  async removeLeftovers(signal: AbortSignal): Promise<readonly Leftover[]> {
    signal.throwIfAborted();
    return translating(this.#place.doing(), signal, () =>
      removeLeftovers(this.#place, this.#writing.nextcloud, signal),
    );
  }

  #begin(key: string, signal: AbortSignal): void {
    this.#place.pathOf(key);
    signal.throwIfAborted();
  }
}
