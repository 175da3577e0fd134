import { randomBytes } from "node:crypto";
import { StorageError } from "../errors.ts";
import type { StoredObject } from "../provider.ts";
import { Refusal } from "./answer.ts";
import { Chunk } from "./chunk.ts";
import { translating } from "./errors.ts";
import type { Nextcloud } from "./nextcloud.ts";
import { isLocked, isMissing, type WebdavPlace } from "./place.ts";
import { tidyMs } from "./plain-writer.ts";
import { nameIn, objectOf, objectProperties } from "./resource.ts";
import { namesOf } from "./settings.ts";
import { wait } from "./wait.ts";

export interface ChunkedTarget {
  readonly place: WebdavPlace;
  readonly nextcloud: Nextcloud;
  readonly key: string;
  readonly overwrite: boolean;
  /** Bytes of the whole object; undefined: nobody knows yet. */
  readonly size: number | undefined;
}

/** The server takes no uploads in chunks, whatever its URL looks like. */
export class NoChunks extends Error {
  override readonly name = "NoChunks";
}

export interface Assembly {
  /** Bytes of the whole object. */
  readonly size: number;
  /** Version of the object that is replaced; null if there was none. */
  readonly replaced: string | null;
}

/** What there may be instead of an answer to a MOVE, in attempts, before it is given up. */
const mostLostAnswers = 12;

/**
 * An upload in chunks, version 2
 * (https://docs.nextcloud.com/server/latest/developer_manual/client_apis/WebDAV/chunking.html): a folder of numbered
 * chunks that the server puts together. The server drops what nobody adds to for a day.
 */
export class ChunkedUpload {
  readonly name: string;
  readonly #target: ChunkedTarget;

  private constructor(target: ChunkedTarget, name: string) {
    this.#target = target;
    this.name = name;
  }

  /** Makes a new folder for chunks. Rejects with `NoChunks` where the server has no such thing. */
  static async begin(target: ChunkedTarget, signal: AbortSignal): Promise<ChunkedUpload> {
    const upload = new ChunkedUpload(target, `safehouse-${randomBytes(16).toString("hex")}`);
    const order = {
      method: "MKCOL",
      path: await upload.#path([], signal),
      headers: upload.#headers(),
    };
    try {
      await target.place.client.call(order, [201], signal);
    } catch (error) {
      const isNone = error instanceof Refusal && [404, 405, 409, 501].includes(error.status);
      throw isNone ? new NoChunks(error.message, { cause: error }) : error;
    }
    return upload;
  }

  /** One that was begun before; nobody knows whether it is still there. */
  static named(target: ChunkedTarget, name: string): ChunkedUpload {
    return new ChunkedUpload(target, name);
  }

  /**
   * How many bytes from the beginning on are there, in whole chunks; undefined if the upload is gone. While they are
   * being put together it waits.
   */
  async confirmed(
    { chunk, isMoving }: { readonly chunk: number; readonly isMoving: boolean },
    signal: AbortSignal,
  ): Promise<number | undefined> {
    for (let round = 0; ; round += 1) {
      try {
        return wholeChunks(await this.#chunkSizes(signal), chunk, this.#target.size);
      } catch (error) {
        if (isMissing(error)) return undefined;
        if (!(isMoving && isLocked(error))) throw error;
      }
      await wait(pauseMs(round), signal);
    }
  }

  async #chunkSizes(signal: AbortSignal): Promise<ReadonlyMap<number, number>> {
    const path = await this.#path([], signal);
    const folder = namesOf(path);
    const question = { path: `${path}/`, depth: 1, names: objectProperties } as const;
    const sizes = new Map<number, number>();
    for await (const entries of this.#target.place.client.properties(question, signal)) {
      for (const entry of entries) {
        const name = nameIn(folder, entry) ?? "";
        // Beside the chunks there is the file to be, and whatever the server needs.
        if (/^\d{1,5}$/.test(name)) sizes.set(Number(name), objectOf(name, entry).size);
      }
    }
    return sizes;
  }

  /** A chunk to be filled and completed. @param number from 1 on */
  async chunk(number: number, buffer: Buffer, signal: AbortSignal): Promise<Chunk> {
    const { place, key, size } = this.#target;
    const path = await this.#path([String(number).padStart(5, "0")], signal);
    const headers = { ...this.#headers(), "content-type": "application/octet-stream" };
    const tools = { client: place.client, doing: place.doing(key), path, headers, buffer };
    return new Chunk({ ...tools, isLengthKnown: size !== undefined }, signal);
  }

  /**
   * Lets the server put the chunks together, and waits for it: of big objects it may hold the answer back until a proxy
   * gives up on it, and answer 423 to whoever asks again meanwhile.
   */
  async assemble(assembly: Assembly, signal: AbortSignal): Promise<StoredObject> {
    const { place, overwrite } = this.#target;
    const headers = {
      ...this.#headers(),
      "oc-total-length": String(assembly.size),
      overwrite: overwrite ? "T" : "F",
    };
    const order = { method: "MOVE", path: await this.#path([".file"], signal), headers };
    let lost = 0;
    for (let round = 0; ; round += 1) {
      try {
        await place.client.call(order, [200, 201, 204], signal);
        return (await this.outcome(assembly, signal)) ?? this.#gone();
      } catch (error) {
        signal.throwIfAborted();
        if (!isPatienceOf(error)) throw error;
        if (!isLocked(error)) lost += 1;
        const found = await this.outcome(assembly, signal);
        if (found !== undefined) return found;
        if (isMissing(error)) return this.#gone();
        if (lost > mostLostAnswers) throw error;
      }
      await wait(pauseMs(round), signal);
    }
  }

  /** The finished object; undefined if it is not there, or still the one that is to be replaced. */
  async outcome(
    { size, replaced }: Assembly,
    signal: AbortSignal,
  ): Promise<StoredObject | undefined> {
    const found = await this.#target.place.find(this.#target.key, signal);
    return found?.size === size && found.version !== replaced ? found : undefined;
  }

  /** Removes the chunks as far as the server lets us; it drops them itself after a day. */
  async drop(): Promise<void> {
    const signal = AbortSignal.timeout(tidyMs);
    try {
      await this.#target.place.client.delete(await this.#path([], signal), signal);
    } catch {
      // Why the upload is given up is what counts, and is told.
    }
  }

  #gone(): never {
    const { key, place } = this.#target;
    const message = `${key}: ${place.client.host} has dropped the upload; it has to begin anew`;
    throw new StorageError("unreachable", message, { key });
  }

  /** Headers that every request of an upload has. With the length the server refuses early what will not fit. */
  #headers(): Readonly<Record<string, string>> {
    const { place, key, size } = this.#target;
    return {
      destination: place.client.destination(place.pathOf(key)),
      ...(size === undefined ? {} : { "oc-total-length": String(size) }),
    };
  }

  #path(names: readonly string[], signal: AbortSignal): Promise<string> {
    return this.#target.nextcloud.uploads([this.name, ...names], signal);
  }
}

/** Makes a folder for chunks, and the one that the object will lie in. Rejects with `NoChunks`. */
export async function beginUpload(
  target: ChunkedTarget,
  signal: AbortSignal,
): Promise<ChunkedUpload> {
  const { place, key } = target;
  return translating(place.doing(key), signal, () =>
    place.inFolderOf(key, signal, () => ChunkedUpload.begin(target, signal)),
  );
}

function wholeChunks(
  sizes: ReadonlyMap<number, number>,
  chunk: number,
  size: number | undefined,
): number {
  let bytes = 0;
  for (let number = 1; bytes < (size ?? Infinity); number += 1) {
    const expected = Math.min(chunk, (size ?? Infinity) - bytes);
    if (sizes.get(number) !== expected) break;
    bytes += expected;
  }
  return bytes;
}

function pauseMs(round: number): number {
  return Math.min(500 * 2 ** round, 10_000);
}

/** Whether the server may be at it all the same. */
function isPatienceOf(error: unknown): boolean {
  if (!(error instanceof Refusal)) return error instanceof Error && "code" in error;
  return isMissing(error) || [408, 423, 429, 500, 502, 503, 504].includes(error.status);
}
