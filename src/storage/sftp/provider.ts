import type { Stats } from "ssh2";
import type { ByteSource } from "#core/ports.ts";
import { StorageError } from "../errors.ts";
import { checkPrefix } from "../key.ts";
import type {
  ByteRange,
  Content,
  FreeSpace,
  Leftover,
  ObjectWriter,
  Resume,
  StorageFeatures,
  StorageProvider,
  StoredObject,
  WriteOptions,
} from "../provider.ts";
import { writeContent } from "../write-content.ts";
import { asStorageError, status, statusOf } from "./errors.ts";
import { removeEmptyFolders } from "./folders.ts";
import { diskAt } from "./free-space.ts";
import { removeLeftoversBelow } from "./leftovers.ts";
import { entriesOf, objectsAmong } from "./listing.ts";
import { closeFile, notRegular, openFile, sourceOf } from "./object-source.ts";
import type { SftpWriter } from "./object-writer.ts";
import { openWriter } from "./open-writer.ts";
import { lookAt, unlinkIfThere } from "./publish.ts";
import { readAhead } from "./read-ahead.ts";
import { below, parentOf, pathOfKey } from "./remote-path.ts";
import { SftpSession } from "./session.ts";
import type { SftpSettings } from "./settings.ts";
import { SharedSession } from "./shared-session.ts";
import { isRegularFile, storedObject } from "./stored-object.ts";
import { nameInState } from "./unfinished-file.ts";

/**
 * A folder on another machine, over SFTP version 3. The folder itself is never created by writing: where it is missing, a
 * disk is not mounted, and the place is `unreachable`. What a server has beyond version 3 is used where it is.
 */
export class SftpStorage implements StorageProvider {
  readonly kind = "sftp";
  readonly features: StorageFeatures = {
    patch: "seek",
    // Not every server has hard links, or refuses to rename onto something.
    exclusiveCreate: false,
    // Told where the server has `statvfs@openssh.com`, which not every one has.
    freeSpace: false,
    flaky: true,
    longestName: 255,
    resumable: true,
  };
  readonly #settings: SftpSettings;
  readonly #shared: SharedSession;
  /** Paths of the unfinished files that this provider is writing. */
  readonly #inUse = new Set<string>();

  constructor(settings: SftpSettings) {
    this.#settings = settings;
    this.#shared = new SharedSession(settings);
  }

  async write(key: string, content: Content, signal: AbortSignal): Promise<StoredObject> {
    const { resume, size } = content;
    if (resume === undefined || size === undefined) {
      return writeContent(await this.openWrite(key, content, signal), content, signal);
    }
    const writer = await this.#openWriter({ key, options: content, resume }, signal);
    const from = writer.size;
    const rest = { open: () => content.open(from), size: size - from };
    return writeContent(writer, rest, signal);
  }

  async discard(key: string, state: string, signal: AbortSignal): Promise<void> {
    const name = nameInState({ state });
    if (name === undefined) return;
    const path = below(parentOf(pathOfKey(this.#settings.path, key)), name);
    await this.#with(key, signal, async (session) => {
      await unlinkIfThere(session, path, signal);
    });
  }

  async openWrite(key: string, options: WriteOptions, signal: AbortSignal): Promise<ObjectWriter> {
    return this.#openWriter({ key, options, resume: undefined }, signal);
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
    const path = pathOfKey(this.#settings.path, key);
    const lease = await this.#shared.lease(signal);
    try {
      return sourceOf(await openFile(lease.session, { key, path }, signal), signal, lease.release);
    } catch (error) {
      const told = await this.#explain(error, key, { session: lease.session, signal });
      lease.release();
      throw told;
    }
  }

  async stat(key: string, signal: AbortSignal): Promise<StoredObject> {
    const path = pathOfKey(this.#settings.path, key);
    return this.#with(key, signal, async (session) => {
      const stats = await session.ask<Stats>((sftp, answer) => sftp.lstat(path, answer), signal);
      if (!isRegularFile(stats)) throw notRegular(key);
      return storedObject(key, stats);
    });
  }

  async *list(prefix: string, signal: AbortSignal): AsyncIterable<readonly StoredObject[]> {
    checkPrefix(prefix);
    const end = prefix.lastIndexOf("/") + 1;
    const parts = { folder: prefix.slice(0, end), name: prefix.slice(end) };
    const root = this.#settings.path;
    const path = parts.folder === "" ? root : below(root, parts.folder.slice(0, -1));
    const seen = new Set<string>();
    const lease = await this.#shared.lease(signal);
    try {
      for await (const entries of entriesOf(lease.session, path, signal)) {
        yield objectsAmong(entries, parts, seen);
      }
    } catch (error) {
      const told = await this.#explain(error, prefix, { session: lease.session, signal });
      if (!(told instanceof StorageError && told.problem === "not-found")) throw told;
    } finally {
      lease.release();
    }
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    const { path: root } = this.#settings;
    const path = pathOfKey(root, key);
    await this.#with(key, signal, async (session) => {
      try {
        if (!(await unlinkIfThere(session, path, signal))) await this.#checkThere(session, signal);
      } catch (error) {
        if (statusOf(error) === undefined) throw error;
        // A folder of that name is no object.
        const there = await lookAt(session, path, signal);
        if (there !== undefined && isRegularFile(there)) throw error;
      }
      await removeEmptyFolders(session, { root, key }, signal);
    });
  }

  async freeSpace(signal: AbortSignal): Promise<FreeSpace | undefined> {
    return this.#with("Free space", signal, async (session) => {
      const disk = await diskAt(session, this.#settings.path, signal);
      if (disk === undefined) await this.#checkThere(session, signal);
      return disk && { freeBytes: disk.freeBytes, totalBytes: disk.totalBytes };
    });
  }

  async removeLeftovers(signal: AbortSignal): Promise<readonly Leftover[]> {
    const root = this.#settings.path;
    const isInUse = (path: string): boolean => this.#inUse.has(path);
    return this.#with("Leftovers", signal, async (session) => {
      const top = await removeLeftoversBelow({ session, root, prefix: "", isInUse }, signal);
      const ours = { session, root, prefix: ".safehouse/", isInUse };
      return [...top, ...(await removeLeftoversBelow(ours, signal))];
    });
  }

  async #openWriter(
    order: {
      readonly key: string;
      readonly options: WriteOptions;
      readonly resume: Resume | undefined;
    },
    signal: AbortSignal,
  ): Promise<SftpWriter> {
    const { path: root } = this.#settings;
    pathOfKey(root, order.key);
    const lease = await this.#shared.lease(signal);
    const anotherSession = (tidying: AbortSignal): Promise<SftpSession> =>
      SftpSession.open(this.#settings, tidying);
    const whole = { ...order, root, lease, anotherSession, inUse: this.#inUse };
    try {
      return await openWriter(whole, signal);
    } catch (error) {
      const told = await this.#explain(error, order.key, { session: lease.session, signal });
      lease.release();
      throw told;
    }
  }

  async *#chunks(
    key: string,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const path = pathOfKey(this.#settings.path, key);
    const { session, release } = await this.#shared.lease(signal);
    try {
      const file = await openFile(session, { key, path }, signal);
      try {
        const offset = range?.offset ?? 0;
        const end = Math.min(file.size, offset + (range?.length ?? file.size));
        yield* readAhead(file, { offset, end }, signal);
      } finally {
        closeFile(file);
      }
    } catch (error) {
      throw await this.#explain(error, key, { session, signal });
    } finally {
      release();
    }
  }

  /** Does work with the session; answers of the server come out translated. */
  async #with<Result>(
    subject: string,
    signal: AbortSignal,
    work: (session: SftpSession) => Promise<Result>,
  ): Promise<Result> {
    const { session, release } = await this.#shared.lease(signal);
    try {
      return await work(session);
    } catch (error) {
      throw await this.#explain(error, subject, { session, signal });
    } finally {
      release();
    }
  }

  /** What a failure means: of something that is missing the place itself may be the reason. */
  async #explain(error: unknown, subject: string, asking: Asking): Promise<unknown> {
    const told = asStorageError(error, subject);
    if (!(told instanceof StorageError) || told.problem !== "not-found") return told;
    try {
      await this.#checkThere(asking.session, asking.signal);
      return told;
    } catch (worse) {
      return worse;
    }
  }

  /** Rejects with `unreachable` unless the folder is there. */
  async #checkThere(session: SftpSession, signal: AbortSignal): Promise<void> {
    const { path, host } = this.#settings;
    try {
      const stats = await session.ask<Stats>((sftp, answer) => sftp.stat(path, answer), signal);
      if (stats.isDirectory()) return;
    } catch (error) {
      if (statusOf(error) !== status.noSuchFile) throw asStorageError(error, path);
    }
    throw new StorageError("unreachable", `There is no folder ${path} on ${host}`);
  }
}

interface Asking {
  readonly session: SftpSession;
  readonly signal: AbortSignal;
}
