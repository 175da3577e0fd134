import { join } from "node:path";
import { StorageError } from "../errors.ts";
import { settledOrAborted } from "../interruptible.ts";
import type { Rsync } from "./rsync.ts";
import { Slice } from "./slice.ts";
import { unfinishedFolder } from "./working-names.ts";

/** Bytes that one run of rsync sends; so many lie on this machine's disk twice while the next are gathered. */
const sliceBytes = 256 * 1024 * 1024;

export interface UploadOrder {
  readonly key: string;
  /** Name of its folder among the unfinished objects. */
  readonly id: string;
  /** Bytes that lie there already. */
  readonly from: number;
  /** Gathers all of the object on this machine, and sends nothing of it by itself. */
  readonly inOneGo: boolean;
}

/**
 * An object that grows at the place, slice by slice: rsync sends files and not streams, and whole archives do not fit
 * onto every disk a second time. While one slice is sent the next is gathered.
 */
export class Upload implements AsyncDisposable {
  readonly #rsync: Rsync;
  readonly #order: UploadOrder;
  readonly #giveUp = new AbortController();
  readonly #signal: AbortSignal;
  #slice: Slice | undefined;
  #sending: Promise<void> = Promise.resolve();
  #size: number;
  #isThere: boolean;

  constructor(rsync: Rsync, order: UploadOrder, signal: AbortSignal) {
    this.#rsync = rsync;
    this.#order = order;
    this.#signal = AbortSignal.any([signal, this.#giveUp.signal]);
    this.#size = order.from;
    this.#isThere = order.from > 0;
  }

  /** Bytes so far, with those that lay there already. */
  get size(): number {
    return this.#size;
  }

  /** Whether anything of it lies at the place, or may. */
  get isThere(): boolean {
    return this.#isThere;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      this.#slice ??= await this.#newSlice();
      const room = this.#order.inOneGo ? bytes.length : sliceBytes - this.#slice.length;
      const part = bytes.subarray(at, at + room);
      await this.#slice.append(part);
      at += part.length;
      this.#size += part.length;
      if (!this.#order.inOneGo && this.#slice.length === sliceBytes) await this.#send(this.#slice);
    }
  }

  /** A folder of this machine with the object in it below its key, as long as nothing of it was sent. */
  async wholeTree(): Promise<{ readonly tree: string; readonly slice: Slice } | undefined> {
    if (this.#isThere) return undefined;
    this.#slice ??= await this.#newSlice();
    const { tree } = this.#slice;
    return { tree: join(tree, unfinishedFolder, this.#order.id), slice: this.#slice };
  }

  /** Everything so far is at the place when this resolves. */
  async flush(): Promise<void> {
    // An empty object is a file as well.
    if (!this.#isThere) this.#slice ??= await this.#newSlice();
    if (this.#slice !== undefined) await this.#send(this.#slice);
    await settledOrAborted(this.#sending, this.#signal);
  }

  /** Ends what is being sent, and removes everything from this machine. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#giveUp.abort();
    const slice = this.#slice;
    this.#slice = undefined;
    await slice?.[Symbol.asyncDispose]();
    // Told of before, or of no interest to somebody who gives up.
    await this.#sending.catch(() => undefined);
  }

  #newSlice(): Promise<Slice> {
    const { key, id } = this.#order;
    const { spool } = this.#rsync.settings;
    return Slice.create(spool, `${unfinishedFolder}${id}/${key}`, this.#size);
  }

  /** Begins to send, once the slice before is at the place. */
  async #send(slice: Slice): Promise<void> {
    await settledOrAborted(this.#sending, this.#signal);
    this.#slice = undefined;
    this.#isThere = true;
    this.#sending = this.#append(slice);
    this.#sending.catch(() => undefined);
  }

  async #append(slice: Slice): Promise<void> {
    const { key } = this.#order;
    await using sent = slice;
    const options = ["-r", "--append", "--stats"];
    const said = await this.#rsync.run({ subject: key, options, push: sent.tree }, this.#signal);
    // Had the file there been shorter than we think, rsync would have filled the gap with the zeros of our hole.
    const literal = Number(/^Literal data: (\d+) bytes/m.exec(said.replaceAll(",", ""))?.[1]);
    if (literal === sent.length) return;
    const message = `${key}: the place took ${literal} bytes instead of ${sent.length}`;
    throw new StorageError("damaged", message, { key });
  }
}
