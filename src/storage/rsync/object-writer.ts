import { checkPatch } from "../check-patch.ts";
import { StorageError } from "../errors.ts";
import type { ObjectWriter, StoredObject } from "../provider.ts";
import { storedObject, type ListedEntry } from "./listing.ts";
import { mustBeThere } from "./look-at.ts";
import {
  makeUnfinishedFolder,
  publishUpload,
  sendWhole,
  setTime,
  type WholeObject,
} from "./publish.ts";
import { removeUpload } from "./remove.ts";
import type { Rsync } from "./rsync.ts";
import type { Slice } from "./slice.ts";
import { Upload } from "./upload.ts";
import { unfinishedFolder } from "./working-names.ts";

export interface RsyncWriterOptions {
  readonly key: string;
  /** Name of its folder among the unfinished objects. */
  readonly id: string;
  readonly overwrite: boolean;
  /** Bytes that lie at the place from an earlier attempt. */
  readonly from: number;
  /** Whether the unfinished file stays for the next attempt when the writer is given up. */
  readonly keepsUnfinished: boolean;
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
    const { key, id, from, overwrite } = options;
    this.#rsync = rsync;
    this.#options = options;
    this.#signal = signal;
    // rsync replaces nothing by what lies there already, so what replaces goes in one run.
    this.#upload = new Upload(rsync, { key, id, from, inOneGo: overwrite }, signal);
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
      const { key, id, keepsUnfinished } = this.#options;
      const { size } = this.#upload;
      const whole = keepsUnfinished ? undefined : await this.#upload.wholeTree();
      if (whole !== undefined) {
        await this.#sendWhole(whole);
      } else {
        await this.#upload.flush();
        await this.#checkWhole();
        await publishUpload(this.#rsync, { key, id, size }, this.#signal);
      }
      this.#state = "committed";
      await this.#end();
      const found = await mustBeThere(this.#rsync, key, this.#signal);
      if (found.size === size) return storedObject(key, found);
      throw incomplete(key, size, found.size);
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

  async #sendWhole({
    tree,
    slice,
  }: {
    readonly tree: string;
    readonly slice: Slice;
  }): Promise<void> {
    const { key, overwrite, old } = this.#options;
    const object: WholeObject = { key, tree, overwrite };
    try {
      await sendWhole(this.#rsync, object, this.#signal);
    } catch (error) {
      if (!isMissingFolder(error)) throw error;
      await makeUnfinishedFolder(this.#rsync, this.#signal);
      await sendWhole(this.#rsync, object, this.#signal);
    }
    if (old === undefined) return;
    // Times are whole seconds here: a version is made later than the one that it replaces, whatever the clock says.
    const { modifiedAt } = await mustBeThere(this.#rsync, key, this.#signal);
    if (modifiedAt > old.modifiedAt) return;
    await slice.setTime(old.modifiedAt + 1000);
    await setTime(this.#rsync, object, this.#signal);
  }

  /** The zeros that stand for it here must not become longer than it is. */
  async #checkWhole(): Promise<void> {
    const { key, id } = this.#options;
    const path = `${unfinishedFolder}${id}/${key}`;
    const { size } = await mustBeThere(this.#rsync, path, this.#signal);
    if (size !== this.#upload.size) throw incomplete(key, this.#upload.size, size);
  }
}

const tidyingInMs = 5000;

function incomplete(key: string, expectedBytes: number, actualBytes: number): StorageError {
  const message = `${key}: the place has ${actualBytes} bytes of the ${expectedBytes} that it was given`;
  return new StorageError("damaged", message, { key, facts: { expectedBytes, actualBytes } });
}

/** The folder for unfinished objects is not there yet, or no longer: rsync of today finds out at once, older ones in the middle. */
function isMissingFolder(error: unknown): boolean {
  if (!(error instanceof StorageError) || !(error.cause instanceof Error)) return false;
  return /temp-dir does not exist|mkstemp.*No such file/i.test(error.cause.message);
}
