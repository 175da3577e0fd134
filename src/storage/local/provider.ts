import { lstat, mkdir, rmdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { ByteSource } from "#core/ports.ts";
import { StorageError } from "../errors.ts";
import { settledOrAborted } from "../interruptible.ts";
import { checkKey, checkPrefix } from "../key.ts";
import type {
  ByteRange,
  Content,
  FreeSpace,
  Incoming,
  Leftover,
  ObjectWriter,
  StorageFeatures,
  StorageProvider,
  StoredObject,
  WriteOptions,
} from "../provider.ts";
import { writeContent } from "../write-content.ts";
import { translating } from "./errors.ts";
import { systemErrorCode } from "../system-error-code.ts";
import { freeSpaceAt } from "./free-space.ts";
import { LocalIncoming, incomingFolder, removeLeftIn, type PlaceOfObject } from "./incoming.ts";
import { removeLeftoversIn } from "./leftovers.ts";
import { listFolder } from "./listing.ts";
import { openFile } from "./object-source.ts";
import { LocalWriter } from "./object-writer.ts";
import { thisProcess } from "../owner.ts";
import type { LocalSettings } from "./settings.ts";
import { storedObject } from "./stored-object.ts";
import { ownerOfTemporaryName, temporaryName } from "../temporary-name.ts";

/**
 * A folder of this machine, or a share that is mounted into it. The folder itself is never created:
 * where it is missing the share is not mounted, and the place is `unreachable`. Symbolic links in it
 * are not followed, whoever put them there.
 */
export class LocalStorage implements StorageProvider {
  readonly kind = "local";
  readonly features: StorageFeatures;
  readonly incoming: Incoming;
  readonly #settings: LocalSettings;

  /** @param isFlaky it is a mounted share, whose failures often pass */
  constructor(settings: LocalSettings, { isFlaky = false } = {}) {
    this.features = { ...features, flaky: isFlaky };
    this.#settings = settings;
    this.incoming = new LocalIncoming(settings, (key, signal, work) =>
      this.#forWriting(key, signal, work),
    );
  }

  async write(key: string, content: Content, signal: AbortSignal): Promise<StoredObject> {
    return writeContent(await this.openWrite(key, content, signal), content, signal);
  }

  async openWrite(key: string, options: WriteOptions, signal: AbortSignal): Promise<ObjectWriter> {
    const overwrite = options.overwrite === true;
    return this.#forWriting(key, signal, async ({ folder, path }) => {
      if (!overwrite) await this.#checkAbsent(key);
      const temporaryPath = join(folder, temporaryName(thisProcess()));
      const { reserveBytes, fileMode } = this.#settings;
      const { size } = options;
      return LocalWriter.create(
        { key, folder, path, temporaryPath, overwrite, size, reserveBytes, fileMode },
        signal,
      );
    });
  }

  async read(
    key: string,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    await this.stat(key, signal);
    return this.#chunks(key, range, signal);
  }

  async open(key: string, signal: AbortSignal): Promise<ByteSource> {
    const path = this.#pathOf(key);
    await this.#checkFolders(key, signal);
    const opening = openFile(path, key, signal);
    try {
      return await settledOrAborted(opening, signal);
    } catch (error) {
      // Given up on: whatever still comes is closed, and a failure was reported already.
      void opening.then(
        (source) => source.close(),
        () => undefined,
      );
      throw error;
    }
  }

  async stat(key: string, signal: AbortSignal): Promise<StoredObject> {
    const path = this.#pathOf(key);
    await this.#checkFolders(key, signal);
    const stats = await translating(key, () => lstat(path));
    if (stats.isFile()) return storedObject(key, stats);
    throw new StorageError("not-found", `${key} is no regular file`, { key });
  }

  async *list(prefix: string, signal: AbortSignal): AsyncIterable<readonly StoredObject[]> {
    checkPrefix(prefix);
    await this.#checkThere(signal);
    const slash = prefix.lastIndexOf("/") + 1;
    const folder = prefix.slice(0, slash);
    if (folder !== "" && !(await this.#hasFolder(folder.slice(0, -1)))) return;
    const path = join(this.#settings.path, folder);
    yield* listFolder({ path, prefix: folder, namePrefix: prefix.slice(slash) }, signal);
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    const path = this.#pathOf(key);
    await this.#checkFolders(key, signal);
    await translating(key, async () => {
      await ignoring(["ENOENT", "ENOTDIR", "EISDIR"], () => unlink(path));
      await this.#removeEmptyFolders(key);
    });
  }

  async freeSpace(signal: AbortSignal): Promise<FreeSpace> {
    await this.#checkThere(signal);
    const space = await translating("Free space", () => freeSpaceAt(this.#settings.path));
    return { ...space, freeBytes: Math.max(0, space.freeBytes - this.#settings.reserveBytes) };
  }

  async removeLeftovers(signal: AbortSignal): Promise<readonly Leftover[]> {
    await this.#checkThere(signal);
    const removed: Leftover[] = [];
    for (const prefix of ["", ".safehouse/", incomingFolder]) {
      if (prefix !== "" && !(await this.#hasFolder(prefix.slice(0, -1)))) continue;
      signal.throwIfAborted();
      const folder = join(this.#settings.path, prefix);
      const search = { folder, prefix, observer: thisProcess(), now: Date.now() };
      const remove = (): Promise<readonly Leftover[]> =>
        prefix === incomingFolder ? removeLeftIn(folder) : removeLeftoversIn(search);
      removed.push(...(await translating("Leftovers", remove)));
    }
    return removed;
  }

  async *#chunks(
    key: string,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const source = await this.open(key, signal);
    try {
      const from = range?.offset ?? 0;
      const end = Math.min(source.size, from + (range?.length ?? source.size));
      for (let at = from; at < end;) {
        const chunk = await source.read(at, Math.min(readBytes, end - at));
        if (chunk.length === 0) return;
        at += chunk.length;
        yield chunk;
      }
    } finally {
      await source.close();
    }
  }

  /** Does work that makes an object; its folders are there, and system errors come out translated. */
  async #forWriting<Result>(
    key: string,
    signal: AbortSignal,
    work: (place: PlaceOfObject) => Promise<Result>,
  ): Promise<Result> {
    const path = this.#pathOf(key);
    await this.#checkThere(signal);
    return translating(key, () =>
      inFolderOf(key, this.#settings.path, (folder) => work({ folder, path })),
    );
  }

  #pathOf(key: string): string {
    checkKey(key);
    if (key.split("/").some((name) => ownerOfTemporaryName(name) !== undefined)) {
      throw new RangeError(`"${key}" is a name for unfinished objects`);
    }
    return join(this.#settings.path, key);
  }

  /** Asks for the folder in another thread, so that a share that hangs can be given up on. */
  async #checkThere(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { path } = this.#settings;
    const isFolder = await settledOrAborted(
      translating(path, () => stat(path)).then((stats) => stats.isDirectory(), absent),
      signal,
    );
    if (!isFolder) throw new StorageError("unreachable", `${path} is not there or not mounted`);
  }

  async #checkFolders(key: string, signal: AbortSignal): Promise<void> {
    await this.#checkThere(signal);
    const end = key.lastIndexOf("/");
    if (end >= 0) await this.#hasFolder(key.slice(0, end));
  }

  /** False if it is missing. A link in its place might lead out of the location: `denied`. */
  async #hasFolder(folder: string): Promise<boolean> {
    let path = this.#settings.path;
    for (const name of folder.split("/")) {
      path = join(path, name);
      const stats = await translating(folder, () => lstat(path)).catch(absent);
      if (stats === false) return false;
      if (stats.isSymbolicLink()) {
        throw new StorageError("denied", `${folder} is a link, which is not followed`, {
          key: folder,
        });
      }
    }
    return true;
  }

  async #checkAbsent(key: string): Promise<void> {
    if ((await translating(key, () => lstat(this.#pathOf(key))).catch(absent)) === false) return;
    throw new StorageError("already-exists", `There is a ${key} already`, { key });
  }

  async #removeEmptyFolders(key: string): Promise<void> {
    const names = key.split("/").slice(0, -1);
    for (; names.length > 0; names.pop()) {
      const folder = join(this.#settings.path, ...names);
      const kept = ["ENOTEMPTY", "EEXIST", "ENOENT", "ENOTDIR", "EBUSY"];
      if (!(await ignoring(kept, () => rmdir(folder)))) return;
    }
  }
}

const readBytes = 1024 * 1024;

/** For `catch`: not being there is an answer, every other failure is one. */
function absent(error: unknown): false {
  if (error instanceof StorageError && error.problem === "not-found") return false;
  throw error;
}

/** True if the work was done, false if it failed with one of the codes. */
async function ignoring(codes: readonly string[], work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (codes.includes(systemErrorCode(error) ?? "")) return false;
    throw error;
  }
}

/**
 * Creates the folders of a key below the root and does the work there. Somebody else may remove a
 * folder that is still empty, so it is tried again.
 */
async function inFolderOf<Result>(
  key: string,
  root: string,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work(await createFolders(key, root));
    } catch (error) {
      if (attempt === 3 || systemErrorCode(error) !== "ENOENT") throw error;
    }
  }
}

async function createFolders(key: string, root: string): Promise<string> {
  let folder = root;
  for (const name of key.split("/").slice(0, -1)) {
    folder = join(folder, name);
    await ignoring(["EEXIST"], () => mkdir(folder, { mode: 0o700 }));
    const stats = await lstat(folder);
    if (stats.isDirectory()) continue;
    throw new StorageError("denied", `${folder} is no folder of its own`, { key });
  }
  return folder;
}

const features: Omit<StorageFeatures, "flaky"> = {
  patch: "seek",
  exclusiveCreate: true,
  freeSpace: true,
  longestName: 255,
  incoming: true,
};
