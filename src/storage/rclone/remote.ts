import { StorageError } from "../errors.ts";
import type { ByteRange, FreeSpace, StoredObject } from "../provider.ts";
import { usableHashes } from "./hashes.ts";
import { placeFacts } from "./place-facts.ts";
import type { PlaceFacts } from "./place-facts.ts";
import type { RemoteControl } from "./remote-control.ts";
import { toRemotePath } from "./remote-name.ts";
import { storedObject } from "./stored-object.ts";
import { Upload } from "./upload.ts";
import type { FetchFrom } from "./upload.ts";

/** What a writer gives its place. */
export interface Publication {
  readonly key: string;
  readonly overwrite: boolean;
}

/** The operations on a remote, in terms of keys. Every key is one that may be used. */
export class RcloneRemote {
  readonly #control: RemoteControl;
  /** For people. */
  readonly #name: string;
  #facts: PlaceFacts | undefined;

  constructor(control: RemoteControl, name: string) {
    this.#control = control;
    this.#name = name;
  }

  /** Undefined before the first contact. */
  get knownFacts(): PlaceFacts | undefined {
    return this.#facts;
  }

  async facts(signal: AbortSignal): Promise<PlaceFacts> {
    signal.throwIfAborted();
    const order = { command: "operations/fsinfo", parameters: {}, subject: this.#name };
    return (this.#facts ??= placeFacts(await this.#control.call(order, signal)));
  }

  /** First contact: also asks whether a place that could tell its room does. */
  async connect(signal: AbortSignal): Promise<void> {
    const facts = await this.facts(signal);
    const told = await this.space(signal);
    this.#facts = { ...facts, tellsSpace: told !== undefined };
  }

  async has(key: string, signal: AbortSignal): Promise<boolean> {
    return (await this.#find(key, signal)) !== undefined;
  }

  /** Rejects with `not-found`. */
  async stat(key: string, signal: AbortSignal): Promise<StoredObject> {
    const facts = await this.facts(signal);
    const folder = key.slice(0, key.lastIndexOf("/") + 1);
    const found = storedObject(await this.#find(key, signal), folder, facts);
    if (found === undefined) throw new StorageError("not-found", `There is no ${key}`, { key });
    return found;
  }

  /** For an `Upload` to `target`, which becomes the object `key`. */
  into(target: string, key: string): FetchFrom {
    return async (url, signal) => {
      const parameters = { remote: toRemotePath(target), url, autoFilename: false };
      const call = { command: "operations/copyurl", parameters, subject: key };
      await this.#control.call(call, signal);
    };
  }

  /** Bytes that its rclone has moved in all, for whomever. */
  async movedBytes(signal: AbortSignal): Promise<number> {
    const call = { command: "core/stats", parameters: {}, subject: this.#name };
    const { bytes } = await this.#control.call(call, signal);
    return typeof bytes === "number" ? bytes : 0;
  }

  /** Stores some bytes right where they belong. */
  async writeSmall(key: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const upload = await Upload.start(this.into(key, key), bytes.length, signal);
    try {
      await upload.send(bytes);
      await upload.finish();
    } catch (error) {
      await upload.cancel();
      throw error;
    }
  }

  read(
    key: string,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    return this.#control.read(key, range, signal);
  }

  /** Everything in a folder; nothing if there is no such folder. A place that is not there is `unreachable`. */
  async list(folder: string, signal: AbortSignal): Promise<readonly StoredObject[]> {
    const facts = await this.facts(signal);
    const subject = folder === "" ? this.#name : folder;
    const opt = { noMimeType: true, filesOnly: true };
    const parameters = { remote: toRemotePath(folder.slice(0, -1)), opt };
    try {
      const call = { command: "operations/list", parameters, subject };
      const { list } = await this.#control.call(call, signal);
      if (!Array.isArray(list)) return [];
      return list
        .map((entry: unknown) => storedObject(entry, folder, facts))
        .filter((object) => object !== undefined);
    } catch (cause) {
      if (!isNotFound(cause)) throw cause;
      if (folder === "") {
        throw new StorageError("unreachable", `${this.#name} is not there`, { cause });
      }
      await this.list("", signal);
      return [];
    }
  }

  /** Gives an object that has grown its name. */
  async move(from: string, { key, overwrite }: Publication, signal: AbortSignal): Promise<void> {
    const { moveReplaces } = await this.facts(signal);
    const paths = { srcRemote: toRemotePath(from), dstRemote: toRemotePath(key) };
    const command = "operations/movefile";
    if (overwrite && moveReplaces) {
      const parameters = { ...paths, _config: { NoCheckDest: true } };
      try {
        await this.#control.call({ command, parameters, subject: key }, signal);
        return;
      } catch (error) {
        // Old SFTP servers refuse to replace. Everything else fails below again.
        if (!(error instanceof StorageError) || error.problem === "sign-in") throw error;
      }
    }
    // rclone removes what is there first: for a moment there is neither.
    await this.#control.call({ command, parameters: paths, subject: key }, signal);
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    const parameters = { remote: toRemotePath(key) };
    try {
      const call = { command: "operations/deletefile", parameters, subject: key };
      await this.#control.call(call, signal);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Removes what has not become an object. What cannot be removed now is a leftover, which is found later. */
  async discard(key: string): Promise<void> {
    try {
      await this.remove(key, AbortSignal.timeout(discardInMs));
    } catch (error) {
      if (!(error instanceof StorageError) && !isTimeout(error)) throw error;
    }
  }

  /** At set-up: makes the folder or bucket. */
  async make(signal: AbortSignal): Promise<void> {
    const call = { command: "operations/mkdir", parameters: { remote: "" }, subject: this.#name };
    await this.#control.call(call, signal);
  }

  async space(signal: AbortSignal): Promise<FreeSpace | undefined> {
    if (!(await this.facts(signal)).tellsSpace) return undefined;
    const call = { command: "operations/about", parameters: {}, subject: this.#name };
    const { free, total } = await this.#control.call(call, signal);
    if (typeof free !== "number") return undefined;
    return {
      freeBytes: Math.max(0, free),
      totalBytes: typeof total === "number" ? total : undefined,
    };
  }

  /** The checksums that the place has of an object, by name, the surest first. Rejects with `not-found`. */
  async digests(
    key: string,
    signal: AbortSignal,
  ): Promise<{ readonly size: number; readonly digests: readonly (readonly [string, string])[] }> {
    const { hashes, slowHash } = await this.facts(signal);
    const usable = usableHashes(hashes);
    const { size } = await this.stat(key, signal);
    if (usable.length === 0) return { size, digests: [] };
    // Where each means reading the whole, one has to do.
    const hashTypes = slowHash ? usable.slice(0, 1) : usable;
    const entry = await this.#find(key, signal, { showHash: true, hashTypes });
    const told = new Map(Object.entries(hashesOf(entry)));
    const digests = hashTypes.map((name) => [name, String(told.get(name) ?? "")] as const);
    return { size, digests: digests.filter(([, digest]) => digest !== "") };
  }

  async #find(key: string, signal: AbortSignal, options: object = {}): Promise<unknown> {
    const opt = { noMimeType: true, filesOnly: true, ...options };
    const parameters = { remote: toRemotePath(key), opt };
    const call = { command: "operations/stat", parameters, subject: key };
    try {
      return (await this.#control.call(call, signal))["item"] ?? undefined;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}

const discardInMs = 4000;

function isNotFound(error: unknown): boolean {
  return error instanceof StorageError && error.problem === "not-found";
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === "TimeoutError";
}

function hashesOf(entry: unknown): object {
  if (typeof entry !== "object" || entry === null || !("Hashes" in entry)) return {};
  return typeof entry.Hashes === "object" && entry.Hashes !== null ? entry.Hashes : {};
}
