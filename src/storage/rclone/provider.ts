import type { ByteSource } from "#core/ports.ts";
import { StorageError } from "../errors.ts";
import { checkKey, checkPrefix } from "../key.ts";
import { thisProcess } from "../owner.ts";
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
import { rangeSource } from "../range-source.ts";
import { temporaryName } from "../temporary-name.ts";
import { writeContent } from "../write-content.ts";
import { digestOf, usableHashes } from "./hashes.ts";
import { removeLeftoversAt } from "./leftovers.ts";
import { RcloneWriter } from "./object-writer.ts";
import { RcloneRemote } from "./remote.ts";
import { sharedControl } from "./shared-control.ts";
import type { RcloneSettings } from "./settings.ts";
import { withSignsOfLife } from "./signs-of-life.ts";
import { Upload } from "./upload.ts";

/**
 * A remote of the user's own rclone, whatever is behind it. Objects grow under a temporary name where the place can give
 * them another one by itself; elsewhere, in buckets, an object is there when its upload is complete and not before.
 */
export class RcloneStorage implements StorageProvider {
  readonly kind = "rclone";
  readonly #remote: RcloneRemote;

  constructor(settings: RcloneSettings) {
    this.#remote = new RcloneRemote(sharedControl(settings), settings.remote);
  }

  /** What the remote's back-end can do is known from the first contact on. */
  get features(): StorageFeatures {
    const facts = this.#remote.knownFacts;
    return {
      patch: "none",
      exclusiveCreate: false,
      freeSpace: facts?.tellsSpace ?? false,
      flaky: true,
      // What is left of 255 bytes where rclone encrypts names.
      longestName: 143,
      matches: facts !== undefined && usableHashes(facts.hashes).length > 0,
    };
  }

  /** First contact. Rejects if the place cannot be reached. */
  async connect(signal: AbortSignal): Promise<void> {
    await this.#remote.connect(signal);
  }

  async write(key: string, content: Content, signal: AbortSignal): Promise<StoredObject> {
    return writeContent(await this.openWrite(key, content, signal), content, signal);
  }

  async openWrite(key: string, options: WriteOptions, signal: AbortSignal): Promise<ObjectWriter> {
    checkObjectKey(key);
    signal.throwIfAborted();
    const { canMove } = await this.#remote.facts(signal);
    const overwrite = options.overwrite === true;
    if (!overwrite) await this.#checkAbsent(key, signal);
    await this.#checkRoom(key, options.size, signal);
    const target = canMove ? besides(key, temporaryName(thisProcess())) : key;
    return new RcloneWriter(
      {
        begin: (size) => Upload.start(this.#remote.into(target, key), size, signal),
        finish: (upload) =>
          withSignsOfLife(upload.finish(), {
            moved: (until) => this.#remote.movedBytes(until),
            sent: options.sent,
          }),
        publish: async (size) => {
          await this.#checkArrived(target, { key, size }, signal);
          if (target === key) return this.#remote.stat(key, signal);
          if (!overwrite) await this.#checkAbsent(key, signal);
          await this.#remote.move(target, { key, overwrite }, signal);
          return this.#remote.stat(key, signal);
        },
        discard: async (stored) => {
          if (target !== key || (stored && !overwrite)) await this.#remote.discard(target);
        },
      },
      { key, size: options.size },
      signal,
    );
  }

  async read(
    key: string,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    checkObjectKey(key);
    return this.#remote.read(key, range, signal);
  }

  async open(key: string, signal: AbortSignal): Promise<ByteSource> {
    return rangeSource(this, key, signal);
  }

  async stat(key: string, signal: AbortSignal): Promise<StoredObject> {
    checkObjectKey(key);
    return this.#remote.stat(key, signal);
  }

  async *list(prefix: string, signal: AbortSignal): AsyncIterable<readonly StoredObject[]> {
    checkPrefix(prefix);
    const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    const objects = await this.#remote.list(folder, signal);
    const seen = objects.filter(({ key }) => key.startsWith(prefix) && !isTemporary(key));
    for (let at = 0; at < seen.length; at += pageSize) {
      signal.throwIfAborted();
      yield seen.slice(at, at + pageSize);
    }
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    checkObjectKey(key);
    await this.#remote.remove(key, signal);
  }

  async freeSpace(signal: AbortSignal): Promise<FreeSpace | undefined> {
    return this.#remote.space(signal);
  }

  async removeLeftovers(signal: AbortSignal): Promise<readonly Leftover[]> {
    return removeLeftoversAt(this.#remote, signal);
  }

  async matches(key: string, open: OpenBody, signal: AbortSignal): Promise<boolean | undefined> {
    checkObjectKey(key);
    const { size, digests } = await this.#remote.digests(key, signal);
    const [known] = digests;
    if (known === undefined) return undefined;
    const [hash, digest] = known;
    const own = await digestOf(open(), hash, signal);
    return own.size === size && own.digest === digest;
  }

  async #checkAbsent(key: string, signal: AbortSignal): Promise<void> {
    if (!(await this.#remote.has(key, signal))) return;
    throw new StorageError("already-exists", `There is a ${key} already`, { key });
  }

  async #checkRoom(key: string, size: number | undefined, signal: AbortSignal): Promise<void> {
    // To ask costs more than to write a note.
    if (size === undefined || size < worthAsking) return;
    const space = await this.#remote.space(signal);
    if (space === undefined || space.freeBytes >= size) return;
    const { freeBytes } = space;
    const message = `${key} needs ${size} bytes of free space, but only ${freeBytes} are free`;
    throw new StorageError("full", message, { key, facts: { neededBytes: size, freeBytes } });
  }

  async #checkArrived(
    target: string,
    { key, size }: { readonly key: string; readonly size: number },
    signal: AbortSignal,
  ): Promise<void> {
    const arrived = await this.#remote.stat(target, signal);
    if (arrived.size === size) return;
    await this.#remote.discard(target);
    const message = `Of the ${size} bytes of ${key}, ${arrived.size} arrived`;
    const facts = { expectedBytes: size, actualBytes: arrived.size };
    throw new StorageError("damaged", message, { key, facts });
  }
}

const pageSize = 500;
const worthAsking = 1024 * 1024;

function checkObjectKey(key: string): void {
  checkKey(key);
  if (isTemporary(key)) throw new RangeError(`"${key}" is a name for unfinished objects`);
}

function isTemporary(key: string): boolean {
  return key.split("/").some((name) => temporary.test(name));
}

/** Also those that others have left who reach the same folder in another way. */
const temporary = /^\.safehouse-[0-9a-z-]+\.tmp$/;

/** The name in the folder of the key. */
function besides(key: string, name: string): string {
  return key.slice(0, key.lastIndexOf("/") + 1) + name;
}
