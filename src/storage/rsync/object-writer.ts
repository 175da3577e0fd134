import { checkPatch } from "../check-patch.ts";
import { StorageError } from "../errors.ts";
import type { ObjectWriter, StoredObject } from "../provider.ts";
import { storedObject, type ListedEntry } from "./listing.ts";
import { lookAtAll, mayHaveName, mustBeThere } from "./look-at.ts";
import { publishUpload, sendWhole, setTime } from "./publish.ts";
import { removeUpload } from "./remove.ts";
import type { Rsync } from "./rsync.ts";
import type { TellSent } from "./run-telling.ts";
import { Upload } from "./upload.ts";
import { unfinishedPath } from "./working-names.ts";

export interface RsyncWriterOptions {
  readonly key: string;
  /** Name of its folder among the unfinished objects. */
  readonly id: string;
  readonly overwrite: boolean;
  /** Bytes that lie at the place from an earlier attempt. */
  readonly from: number;
  /** Whether the unfinished file stays for the next attempt when the writer is given up. */
  readonly keepsUnfinished: boolean;
  readonly sent: TellSent | undefined;
  /** What is to be replaced. */
  readonly old: ListedEntry | undefined;
  /** Called once, when the upload's folder is no longer in use. */
  readonly ended: () => void;
}

/** An object that is gathered here and grows at the place among the unfinished ones until it is whole. */
export class RsyncWriter implements ObjectWriter {
  readonly patch = "none";
  readonly #rsync: Rsync;
  readonly #options: RsyncWriterOptions;
  readonly #signal: AbortSignal;
  readonly #upload: Upload;
  #state: "open" | "committed" | "aborted" = "open";
  #failed = false;

  constructor(rsync: Rsync, options: RsyncWriterOptions, signal: AbortSignal) {
    this.#rsync = rsync;
    this.#options = options;
    this.#signal = signal;
    this.#upload = new Upload(rsync, options, signal);
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#check();
    await this.#attempt(() => this.#upload.write(bytes));
  }

  async patchAt(offset: number, bytes: Uint8Array): Promise<void> {
    this.#check();
    const { size } = this.#upload;
    checkPatch({ patch: "none", heldFrom: 0, size, offset, length: bytes.length });
  }

  /** Nothing can be rewritten, so there is nothing to let go. */
  holdFrom(): void {
    this.#check();
  }

  async commit(): Promise<StoredObject> {
    this.#check();
    return this.#attempt(async () => {
      const { key, overwrite, keepsUnfinished, sent } = this.#options;
      const tree = keepsUnfinished ? undefined : await this.#upload.wholeTree();
      if (tree === undefined) await this.#publish();
      else await sendWhole(this.#rsync, { key, tree, overwrite, sent }, this.#signal);
      this.#state = "committed";
      await this.#end();
      const found = await mustBeThere(this.#rsync, key, this.#signal);
      this.#checkSize(found);
      return storedObject(key, await this.#laterThanOld(key, found));
    });
  }

  async abort(): Promise<void> {
    if (this.#state !== "open") return;
    this.#state = "aborted";
    const { keepsUnfinished, id } = this.#options;
    try {
      // What was gathered is brought to the place, where the next attempt finds it.
      if (keepsUnfinished && !this.#failed && !this.#signal.aborted) await this.#upload.flush();
    } catch (error) {
      // Then it is sent again; whoever writes was told why it came to an end.
      if (!(error instanceof StorageError) && !this.#signal.aborted) throw error;
    } finally {
      await this.#end();
    }
    if (keepsUnfinished || !this.#upload.isThere) return;
    const soon = AbortSignal.timeout(tidyingInMs);
    await removeUpload(this.#rsync, id, soon).catch((error: unknown) => {
      // The place is gone, which was told of already. `removeLeftovers` finds the rest later.
      const gone = error instanceof StorageError && error.problem === "unreachable";
      if (!gone && !soon.aborted) throw error;
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

  async #attempt<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }

  async #end(): Promise<void> {
    this.#options.ended();
    await this.#upload[Symbol.asyncDispose]();
  }

  async #publish(): Promise<void> {
    const { key, id, overwrite } = this.#options;
    await this.#upload.flush();
    const path = unfinishedPath(id, key);
    const entries = await lookAtAll(this.#rsync, [key, path], this.#signal);
    const upload = entries.get(path);
    this.#checkSize(upload);
    mayHaveName(entries, this.#options);
    const { size, modifiedAt } = await this.#laterThanOld(path, upload);
    await publishUpload(this.#rsync, { key, id, size, modifiedAt, overwrite }, this.#signal);
  }

  #checkSize(found: ListedEntry | undefined): asserts found is ListedEntry {
    const actualBytes = found?.size ?? 0;
    const expectedBytes = this.#upload.size;
    if (actualBytes === expectedBytes && found !== undefined) return;
    const { key } = this.#options;
    const message = `${key}: the place has ${actualBytes} bytes of the ${expectedBytes} that it was given`;
    throw new StorageError("damaged", message, { key, facts: { expectedBytes, actualBytes } });
  }

  /**
   * Makes sure that a file is younger than what it replaces, whatever the clock there says. Times are whole seconds here, and rsync
   * would take two that follow each other for the same.
   */
  async #laterThanOld(path: string, file: ListedEntry): Promise<ListedEntry> {
    const { old } = this.#options;
    if (old === undefined || file.modifiedAt > old.modifiedAt + 1000) return file;
    const modifiedAt = old.modifiedAt + 2000;
    await setTime(this.#rsync, { key: path, size: file.size, modifiedAt }, this.#signal);
    return mustBeThere(this.#rsync, path, this.#signal);
  }
}

const tidyingInMs = 5000;
