import { constants } from "node:fs";
import { lstat, open, rename, unlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { checkPatch } from "../check-patch.ts";
import { StorageError } from "../errors.ts";
import type { ObjectWriter, StoredObject } from "../provider.ts";
import { BackgroundSync } from "./background-sync.ts";
import { translating } from "./errors.ts";
import { systemErrorCode } from "../system-error-code.ts";
import { checkFreeSpace, freeSpaceAt, spaceError } from "./free-space.ts";
import type { SpaceNeed } from "./free-space.ts";
import { renameWithoutReplacing } from "./rename-without-replacing.ts";
import { storedObject } from "./stored-object.ts";
import { syncFolder } from "./sync-folder.ts";

export interface LocalWriterOptions {
  readonly key: string;
  /** Folder that the object goes to, and its own path. */
  readonly folder: string;
  readonly path: string;
  readonly temporaryPath: string;
  readonly overwrite: boolean;
  /** Bytes that were announced, or undefined. */
  readonly size: number | undefined;
  readonly reserveBytes: number;
  readonly fileMode: number;
}

/** A file under a temporary name until it is whole; small pieces are gathered. */
export class LocalWriter implements ObjectWriter {
  readonly patch = "seek";
  readonly #file: FileHandle;
  readonly #options: LocalWriterOptions;
  readonly #signal: AbortSignal;
  readonly #sync: BackgroundSync;
  /** Bytes that were accepted and are not yet in the file. */
  readonly #pending = Buffer.allocUnsafeSlow(gatherBytes);
  #pendingBytes = 0;
  #fileBytes = 0;
  #spaceCheckedAt = 0;
  #state: "open" | "committed" | "aborted" = "open";

  constructor(file: FileHandle, options: LocalWriterOptions, signal: AbortSignal) {
    this.#file = file;
    this.#options = options;
    this.#signal = signal;
    this.#sync = new BackgroundSync(file);
  }

  /** Creates the temporary file. Rejects with `full` if the announced size cannot fit. */
  static async create(options: LocalWriterOptions, signal: AbortSignal): Promise<LocalWriter> {
    await checkFreeSpace(spaceNeed(options, 0));
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;
    const flags = O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR;
    const file = await open(options.temporaryPath, flags, options.fileMode);
    return new LocalWriter(file, options, signal);
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#check();
    if (this.#pendingBytes + bytes.length <= gatherBytes) {
      this.#pending.set(bytes, this.#pendingBytes);
      this.#pendingBytes += bytes.length;
    } else {
      await this.#attempt(() => this.#flush(bytes));
    }
  }

  async patchAt(offset: number, bytes: Uint8Array): Promise<void> {
    this.#check();
    const size = this.#fileBytes + this.#pendingBytes;
    checkPatch({ patch: "seek", heldFrom: 0, size, offset, length: bytes.length });
    await this.#attempt(async () => {
      await this.#flush();
      await writeFully(this.#file, [bytes], offset);
    });
  }

  /** Every byte of a file can be rewritten at any time, so there is nothing to let go. */
  holdFrom(): void {
    this.#check();
  }

  async commit(): Promise<StoredObject> {
    this.#check();
    return this.#attempt(async () => {
      await this.#flush();
      await this.#sync.finish();
      this.#signal.throwIfAborted();
      await this.#file.close();
      await publish(this.#options);
      this.#state = "committed";
      await syncFolder(this.#options.folder);
      return storedObject(this.#options.key, await lstat(this.#options.path));
    });
  }

  async abort(): Promise<void> {
    if (this.#state !== "open") return;
    this.#state = "aborted";
    await translating(this.#options.key, async () => {
      await this.#sync.settle();
      await this.#file.close();
      await unlinkIfThere(this.#options.temporaryPath);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  #check(): void {
    this.#signal.throwIfAborted();
    if (this.#state === "open") return;
    const { key } = this.#options;
    throw new StorageError("unsupported", `${key} is ${this.#state} already`, { key });
  }

  async #flush(more?: Uint8Array): Promise<void> {
    const parts = [this.#pending.subarray(0, this.#pendingBytes), ...(more ? [more] : [])];
    this.#fileBytes += await writeFully(this.#file, parts, this.#fileBytes);
    this.#pendingBytes = 0;
    this.#signal.throwIfAborted();
    await this.#sync.wrote(this.#fileBytes);
    if (this.#fileBytes - this.#spaceCheckedAt < spaceCheckBytes) return;
    this.#spaceCheckedAt = this.#fileBytes;
    await checkFreeSpace(spaceNeed(this.#options, this.#fileBytes));
  }

  async #attempt<Result>(work: () => Promise<Result>): Promise<Result> {
    return translating(this.#options.key, async () => {
      try {
        return await work();
      } catch (error) {
        if (!fullCodes.has(systemErrorCode(error) ?? "")) throw error;
        const { freeBytes } = await freeSpaceAt(this.#options.folder);
        throw spaceError(spaceNeed(this.#options, this.#fileBytes), freeBytes, error);
      }
    });
  }
}

const gatherBytes = 256 * 1024;
const spaceCheckBytes = 16 * 1024 * 1024;
const fullCodes: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT"]);

function spaceNeed(options: LocalWriterOptions, writtenBytes: number): SpaceNeed {
  const bytes = Math.max(0, (options.size ?? 0) - writtenBytes);
  const { key, folder, reserveBytes } = options;
  return { key, path: folder, bytes, reserveBytes };
}

/** Writes all of the parts one after the other; the system may take fewer bytes than it is given. */
async function writeFully(
  file: FileHandle,
  parts: readonly Uint8Array[],
  position: number,
): Promise<number> {
  let left = parts.filter((part) => part.length > 0);
  let written = 0;
  while (left.length > 0) {
    const { bytesWritten } = await file.writev(left, position + written);
    written += bytesWritten;
    left = without(left, bytesWritten);
  }
  return written;
}

/** The parts without their first `count` bytes. */
function without(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  const left: Uint8Array[] = [];
  let skip = count;
  for (const part of parts) {
    if (part.length > skip) left.push(part.subarray(skip));
    skip = Math.max(0, skip - part.length);
  }
  return left;
}

async function publish(options: LocalWriterOptions): Promise<void> {
  if (options.overwrite) {
    await rename(options.temporaryPath, options.path);
  } else {
    await renameWithoutReplacing(options.temporaryPath, options.path);
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") throw error;
  }
}
