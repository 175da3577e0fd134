import { StorageError } from "../errors.ts";
import type { Content, ObjectWriter, Resume, StoredObject } from "../provider.ts";
import { writeContent } from "../write-content.ts";
import { Refusal } from "./answer.ts";
import { smallestChunked } from "./chunk-sizes.ts";
import { beginUpload, ChunkedUpload, NoChunks } from "./chunked-upload.ts";
import { ChunkedWriter } from "./chunked-writer.ts";
import { translating } from "./errors.ts";
import { GatheringWriter } from "./gathering-writer.ts";
import { Nextcloud } from "./nextcloud.ts";
import type { WebdavPlace } from "./place.ts";
import { PlainWriter, type WriteOrder } from "./plain-writer.ts";
import { writeResumable } from "./resumable-write.ts";
import { SpooledWriter } from "./spooled-writer.ts";
import { readUploadState } from "./upload-state.ts";
import { replaceWhole, writeWhole } from "./whole-write.ts";

/** Bytes that go in one request without asking the server first whether it wants them. */
const smallestStreamed = 1024 * 1024;

/** Which way an object takes to the server: whole, as one stream, in chunks, or through a file of this machine. */
export class WebdavWriting {
  readonly nextcloud: Nextcloud | undefined;
  readonly #place: WebdavPlace;
  /** Undefined where they are not to be used, or the server has said that it takes none. */
  #chunks: Nextcloud | undefined;

  constructor(place: WebdavPlace) {
    this.#place = place;
    this.nextcloud = Nextcloud.at(place.client, place.settings);
    this.#chunks = place.settings.chunking === false ? undefined : this.nextcloud;
  }

  async write(key: string, content: Content, signal: AbortSignal): Promise<StoredObject> {
    const { size, resume, overwrite = false } = content;
    const place = this.#place;
    const nextcloud = this.#chunks;
    if (nextcloud !== undefined && resume !== undefined && size !== undefined) {
      const target = { place, nextcloud, key, overwrite, size };
      const given = { ...content, resume };
      if (size > smallestChunked) {
        await this.#checkRoom(key, size, signal);
        return this.#resumable(target, given, signal);
      }
    }
    return writeContent(await this.openWrite({ key, overwrite, size }, signal), content, signal);
  }

  /** Removes the chunks of an upload that nobody goes on with. */
  async discard(key: string, text: string): Promise<void> {
    const nextcloud = this.#chunks;
    const state = readUploadState(text);
    if (nextcloud === undefined || state === undefined) return;
    const target = { place: this.#place, nextcloud, key, overwrite: false, size: state.size };
    await ChunkedUpload.named(target, state.upload).drop();
  }

  async openWrite(order: WriteOrder, signal: AbortSignal): Promise<ObjectWriter> {
    const { key, overwrite } = order;
    const place = this.#place;
    if (!overwrite) await place.checkAbsent(key, signal);
    await this.#checkRoom(key, order.size ?? 0, signal);
    const replaces = overwrite && (await this.#replacesByPut(key, signal));
    const limit = this.#chunks === undefined ? smallestStreamed : smallestChunked;
    const open = (): Promise<ObjectWriter> => this.#openBig({ ...order, replaces }, signal);
    if ((order.size ?? 0) > limit) return open();
    const whole = (bytes: Uint8Array): Promise<StoredObject> =>
      replaces
        ? replaceWhole(place, { key, bytes }, signal)
        : writeWhole(place, { key, overwrite, bytes }, signal);
    return new GatheringWriter({ key, limit, whole, open }, signal);
  }

  /** Whether an object is best replaced by a PUT to its own name; else it gets it by a MOVE. */
  async #replacesByPut(key: string, signal: AbortSignal): Promise<boolean> {
    if (this.nextcloud !== undefined) return true;
    const place = this.#place;
    return translating(place.doing(key), signal, () => place.replacesByPut(signal));
  }

  /** Rejects with `full` where the server tells that so much does not fit. It is asked about big objects only. */
  async #checkRoom(key: string, neededBytes: number, signal: AbortSignal): Promise<void> {
    if (neededBytes <= smallestStreamed) return;
    const place = this.#place;
    const space = await translating(place.doing(key), signal, () => place.freeSpace(signal));
    if (space === undefined || neededBytes <= space.freeBytes) return;
    const { freeBytes } = space;
    const message = `${key} needs ${neededBytes} bytes, but only ${freeBytes} are free at ${place.client.host}`;
    throw new StorageError("full", message, { key, facts: { neededBytes, freeBytes } });
  }

  async #resumable(
    target: Parameters<typeof writeResumable>[0],
    content: Content & { readonly resume: Resume },
    signal: AbortSignal,
  ): Promise<StoredObject> {
    try {
      return await writeResumable(target, content, signal);
    } catch (error) {
      this.#withoutChunks(error);
      return this.write(target.key, content, signal);
    }
  }

  async #openBig(order: WriteOrder, signal: AbortSignal): Promise<ObjectWriter> {
    const { key, overwrite, size } = order;
    const place = this.#place;
    const nextcloud = this.#chunks;
    if (nextcloud === undefined) return this.#openStream(order, signal);
    try {
      const target = { place, nextcloud, key, overwrite, size };
      const replaced = overwrite ? ((await place.find(key, signal))?.version ?? null) : null;
      const upload = await beginUpload(target, signal);
      return new ChunkedWriter({ target, upload, from: 0, replaced, isKept: false }, signal);
    } catch (error) {
      this.#withoutChunks(error);
      return this.#openStream(order, signal);
    }
  }

  /** Goes on without chunks where the server has none and they are not insisted on; throws every other error. */
  #withoutChunks(error: unknown): void {
    if (!(error instanceof NoChunks)) throw error;
    const { host } = this.#place.client;
    if (this.#place.settings.chunking === true) {
      const message = `${host} takes no uploads in chunks, although the settings ask for them`;
      throw new StorageError("unsupported", message, { cause: error });
    }
    this.#chunks = undefined;
  }

  async #openStream(order: WriteOrder, signal: AbortSignal): Promise<ObjectWriter> {
    const { key, overwrite, size } = order;
    const { settings } = this.#place;
    try {
      return await PlainWriter.begin(this.#place, order, signal);
    } catch (error) {
      signal.throwIfAborted();
      const wantsLength = error instanceof Refusal && [411, 501].includes(error.status);
      if (!wantsLength || size !== undefined || settings.spool === undefined) {
        return translating(this.#place.doing(key), signal, () => Promise.reject(error as Error));
      }
      const send = (body: () => AsyncIterable<Uint8Array>, length: number) =>
        this.write(key, { open: body, size: length, overwrite }, signal);
      return SpooledWriter.begin({ key, folder: settings.spool, send }, signal);
    }
  }
}
