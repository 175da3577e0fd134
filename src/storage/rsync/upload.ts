import { join } from "node:path";
import { StorageError } from "../errors.ts";
import { settledOrAborted } from "../interruptible.ts";
import type { Rsync } from "./rsync.ts";
import { runTelling, type TellSent } from "./run-telling.ts";
import { Slice } from "./slice.ts";
import { unfinishedFolder, unfinishedPath } from "./working-names.ts";

/** Bytes that one run of rsync sends; so many lie on this machine's disk twice while the next are gathered. */
const sliceBytes = 128 * 1024 * 1024;

export interface UploadOrder {
  readonly key: string;
  /** Name of its folder among the unfinished objects. */
  readonly id: string;
  /** Bytes that lie there already. */
  readonly from: number;
  readonly sent: TellSent | undefined;
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
      // Only now, so that the last one is always sent by `flush`.
      if (this.#slice?.length === sliceBytes) await this.#send(this.#slice);
      this.#slice ??= await this.#newSlice();
      const part = bytes.subarray(at, at + sliceBytes - this.#slice.length);
      await this.#slice.append(part);
      at += part.length;
      this.#size += part.length;
    }
  }

  /** A folder of this machine with the object in it below its key, as long as nothing of it was sent. */
  async wholeTree(): Promise<string | undefined> {
    if (this.#isThere) return undefined;
    this.#slice ??= await this.#newSlice();
    return join(this.#slice.tree, unfinishedFolder, this.#order.id);
  }

  /** Everything so far is at the place when this resolves. */
  async flush(): Promise<void> {
    // An empty object is a file as well.
    if (!this.#isThere) this.#slice ??= await this.#newSlice();
    if (this.#slice !== undefined) await this.#send(this.#slice, true);
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
    return Slice.create(spool, unfinishedPath(id, key), this.#size);
  }

  /** Begins to send, once the slice before is at the place. */
  async #send(slice: Slice, isLast = false): Promise<void> {
    await settledOrAborted(this.#sending, this.#signal);
    this.#slice = undefined;
    this.#isThere = true;
    this.#sending = this.#append(slice, isLast);
    this.#sending.catch(() => undefined);
  }

  async #append(slice: Slice, isLast: boolean): Promise<void> {
    await using sending = slice;
    const { key, sent } = this.#order;
    const { begin, length, tree } = sending;
    const order = { subject: key, options: ["-r", "--append", "--stats"], push: tree };
    const said = await runTelling(this.#rsync, { order, begin, sent, isLast }, this.#signal);
    // Had the file there been shorter than we think, rsync would have filled the gap with the zeros of our hole.
    const literal = Number(/^Literal data: (\d+) bytes/m.exec(said.replaceAll(",", ""))?.[1]);
    if (literal === length) return;
    const message = `${key}: the place took ${literal} bytes instead of ${length}`;
    throw new StorageError("damaged", message, { key });
  }
}
