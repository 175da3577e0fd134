import type { ByteSource } from "#core/ports.ts";
import { checkKey, checkPrefix } from "../key.ts";
import type {
  ByteRange,
  Content,
  Leftover,
  ObjectWriter,
  Resume,
  StorageFeatures,
  StorageProvider,
  StoredObject,
  WriteOptions,
} from "../provider.ts";
import { writeContent } from "../write-content.ts";
import { fetchStretch } from "./fetch.ts";
import { removeLeftUploads } from "./leftovers.ts";
import { listEntries, storedObject, type ListedEntry } from "./listing.ts";
import { lookAt, lookAtAll, mayHaveName, mustBeThere } from "./look-at.ts";
import { RsyncSource } from "./object-source.ts";
import { RsyncWriter } from "./object-writer.ts";
import { onlyIn } from "./pattern.ts";
import { removeFile, removeUpload } from "./remove.ts";
import { Rsync } from "./rsync.ts";
import type { RsyncSettings } from "./settings.ts";
import {
  checkNotUnfinished,
  isResumableId,
  unfinishedFolder,
  unfinishedPath,
  uploadId,
} from "./working-names.ts";

/**
 * A folder on another machine, through the program rsync: over SSH, or to an rsync daemon. The folder itself is never created
 * by writing: where it is missing, a disk is not mounted, and the place is `unreachable`.
 *
 * Each call is one run of rsync or several, and each run a connection of its own. What rsync cannot do is made of what it
 * can: see `Upload`, `publishUpload`, `fetchStretch` and `removeFile`.
 */
export class RsyncStorage implements StorageProvider {
  readonly kind = "rsync";
  readonly features: StorageFeatures = {
    patch: "none",
    exclusiveCreate: false,
    freeSpace: false,
    flaky: true,
    longestName: 255,
    resumable: true,
  };
  readonly #rsync: Rsync;
  /** Names of the uploads that this provider is at work on. */
  readonly #inUse = new Set<string>();

  constructor(settings: RsyncSettings) {
    this.#rsync = new Rsync(settings);
  }

  async write(key: string, content: Content, signal: AbortSignal): Promise<StoredObject> {
    const { resume, size } = content;
    if (resume === undefined || size === undefined)
      return writeContent(await this.openWrite(key, content, signal), content, signal);
    const { writer, from } = await this.#begin(key, { options: content, resume }, signal);
    const rest = { open: () => content.open(from), size: size - from };
    return writeContent(writer, rest, signal);
  }

  async openWrite(key: string, options: WriteOptions, signal: AbortSignal): Promise<ObjectWriter> {
    return (await this.#begin(key, { options }, signal)).writer;
  }

  async read(
    key: string,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    const { size } = await this.#find(key, signal);
    const offset = range?.offset ?? 0;
    const end = Math.min(size, offset + (range?.length ?? size));
    return fetchStretch(this.#rsync, { key, offset, end }, signal);
  }

  async open(key: string, signal: AbortSignal): Promise<ByteSource> {
    const { size } = await this.#find(key, signal);
    return new RsyncSource(this.#rsync, { key, size }, signal);
  }

  async stat(key: string, signal: AbortSignal): Promise<StoredObject> {
    return storedObject(key, await this.#find(key, signal));
  }

  async *list(prefix: string, signal: AbortSignal): AsyncIterable<readonly StoredObject[]> {
    checkPrefix(prefix);
    const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    // At the top there is nothing to be looked for.
    const options = folder === "" ? ["--dirs"] : ["-r", ...onlyIn(folder)];
    const seen = new Set<string>();
    for await (const entries of listEntries(this.#rsync, { subject: prefix, options }, signal)) {
      const objects: StoredObject[] = [];
      for (const entry of entries) {
        const { name, isFile } = entry;
        const isDirect = name.startsWith(prefix) && !name.includes("/", prefix.length);
        if (!isFile || !isDirect || seen.has(name)) continue;
        if (`${name}/`.startsWith(unfinishedFolder)) continue;
        seen.add(name);
        objects.push(storedObject(name, entry));
      }
      yield objects;
    }
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    check(key);
    // rsync would create the place's folder if it were missing, to remove something from it.
    if ((await lookAt(this.#rsync, key, signal)) === undefined) return;
    await removeFile(this.#rsync, key, signal);
  }

  /** rsync tells nothing of disks. */
  async freeSpace(signal: AbortSignal): Promise<undefined> {
    signal.throwIfAborted();
  }

  async discard(key: string, state: string, signal: AbortSignal): Promise<void> {
    check(key);
    if (!isResumableId(state)) return;
    const entries = await lookAtAll(this.#rsync, [unfinishedFolder + state], signal);
    if (entries.has(unfinishedFolder + state)) await removeUpload(this.#rsync, state, signal);
  }

  async removeLeftovers(signal: AbortSignal): Promise<readonly Leftover[]> {
    return removeLeftUploads(this.#rsync, (id) => this.#inUse.has(id), signal);
  }

  async #find(key: string, signal: AbortSignal): Promise<ListedEntry> {
    check(key);
    return mustBeThere(this.#rsync, key, signal);
  }

  /** Begins an object, or goes on with what an earlier attempt has left. */
  async #begin(
    key: string,
    { options, resume }: { readonly options: WriteOptions; readonly resume?: Resume },
    signal: AbortSignal,
  ): Promise<{ readonly writer: RsyncWriter; readonly from: number }> {
    check(key);
    const { overwrite = false, size = 0, sent } = options;
    const state = resume?.state ?? "";
    const earlier = isResumableId(state) ? state : uploadId(resume !== undefined);
    const path = unfinishedPath(earlier, key);
    // Finds out as well whether the place is there; else rsync would create its folder.
    const entries = await lookAtAll(this.#rsync, [key, path], signal);
    const old = mayHaveName(entries, { key, overwrite });
    const rest = mayHaveName(entries, { key: path, overwrite: true });
    // What is longer than the object is no part of it.
    const id = rest === undefined || rest.size <= size ? earlier : uploadId(true);
    const from = id === earlier ? (rest?.size ?? 0) : 0;
    await resume?.keep(id);
    this.#inUse.add(id);
    const ended = (): void => void this.#inUse.delete(id);
    const keepsUnfinished = resume !== undefined;
    const order = { key, id, from, overwrite, sent, old, keepsUnfinished, ended };
    return { writer: new RsyncWriter(this.#rsync, order, signal), from };
  }
}

function check(key: string): void {
  checkKey(key);
  checkNotUnfinished(key);
}
