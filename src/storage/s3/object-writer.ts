import type { HeadObjectCommandOutput } from "@aws-sdk/client-s3";
import { checkPatch } from "../check-patch.ts";
import { StorageError } from "../errors.ts";
import { settledOrAborted } from "../interruptible.ts";
import type { ObjectWriter, StoredObject } from "../provider.ts";
import { ensureLocked } from "./ensure-locked.ts";
import { MultipartUpload } from "./multipart-upload.ts";
import { PartQueue, type PartBuffer } from "./part-queue.ts";
import type { S3Place } from "./place.ts";
import { putObject } from "./put-object.ts";
import { headedObject } from "./stored-object.ts";
import type { UploadTarget } from "./upload-target.ts";

export interface S3WriterOptions {
  readonly place: S3Place;
  readonly target: UploadTarget;
  /** An upload to go on with, behind the first parts that the server has. */
  readonly upload?: MultipartUpload | undefined;
  /** Told of an upload as soon as it was begun. */
  readonly begun?: (upload: MultipartUpload) => Promise<void>;
  /** Told before the server makes the object of the parts. */
  readonly completing?: (upload: MultipartUpload) => Promise<void>;
}

/**
 * Gathers parts in memory and sends them. Of the bytes that may still be rewritten it keeps the first two parts back, and
 * the one that is filling: headers lie where their archive begins, and an archive may be larger than any memory.
 */
export class S3Writer implements ObjectWriter {
  readonly patch = "parts";
  readonly #options: S3WriterOptions;
  readonly #signal: AbortSignal;
  readonly #ended = new AbortController();
  readonly #queue: PartQueue;
  readonly #held: PartBuffer[] = [];
  #upload: MultipartUpload | undefined;
  #current: PartBuffer | undefined;
  #nextNumber: number;
  #size: number;
  #heldFrom = 0;

  constructor(options: S3WriterOptions, signal: AbortSignal) {
    const { upload, target } = options;
    this.#options = options;
    this.#signal = AbortSignal.any([signal, this.#ended.signal]);
    this.#upload = upload;
    this.#nextNumber = (upload?.firstParts ?? 0) + 1;
    this.#size = upload?.nextByte ?? 0;
    this.#queue = new PartQueue(target.partBytes, (number, bytes) => this.#send(number, bytes));
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#check();
    for (let at = 0; at < bytes.length;) {
      const part = await this.#filling();
      const taken = bytes.subarray(at, at + part.bytes.length - part.length);
      part.bytes.set(taken, part.length);
      part.length += taken.length;
      at += taken.length;
      this.#size += taken.length;
    }
  }

  async patchAt(offset: number, bytes: Uint8Array): Promise<void> {
    this.#check();
    const { patch } = this;
    const { length } = bytes;
    checkPatch({ patch, heldFrom: this.#heldFrom, size: this.#size, offset, length });
    const { partBytes } = this.#options.target;
    const pieces: { readonly part: PartBuffer; readonly from: number; readonly to: number }[] = [];
    for (let at = offset; at < offset + length;) {
      const number = Math.floor(at / partBytes) + 1;
      const part = this.#inMemory(number);
      const to = Math.min(offset + length, number * partBytes);
      pieces.push({ part, from: at, to });
      at = to;
    }
    for (const { part, from, to } of pieces) {
      part.bytes.set(bytes.subarray(from - offset, to - offset), from % partBytes);
    }
  }

  holdFrom(offset: number): void {
    this.#heldFrom = Math.max(this.#heldFrom, offset);
  }

  async commit(): Promise<StoredObject> {
    this.#check();
    const { place, target } = this.#options;
    let found: HeadObjectCommandOutput | undefined;
    const rest = [...this.#held, ...(this.#current === undefined ? [] : [this.#current])];
    if (this.#upload === undefined && rest.length <= 1) {
      const [only] = rest;
      const bytes = only?.bytes.subarray(0, only.length) ?? Buffer.alloc(0);
      await putObject(place, { target, bytes }, this.#signal);
      found = await place.head(target.key, this.#signal);
    } else {
      for (const part of rest) await this.#push(part, 0);
      await this.#interruptibly(this.#queue.settle());
      if (this.#upload !== undefined) await this.#options.completing?.(this.#upload);
      found = await this.#upload?.complete(this.#signal);
      this.#upload = undefined;
    }
    const stored = await this.#stored(found);
    this.#end();
    return stored;
  }

  async abort(): Promise<void> {
    const upload = this.#upload;
    this.#end();
    await this.#queue.quiet();
    if (upload === undefined) return;
    try {
      await upload.abort(AbortSignal.timeout(givingUpInMs));
    } catch (error) {
      // Nobody sees it, and where the server cannot be asked now it is found as a leftover.
      if (!(error instanceof StorageError || error instanceof DOMException)) throw error;
    }
  }

  /** Ends the work and leaves at the server what has arrived there, for another writer. */
  async leave(): Promise<void> {
    if (!this.#signal.aborted) await this.#interruptibly(this.#queue.quiet());
    this.#upload?.release();
    this.#end();
    await this.#queue.quiet();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  /** The part that the next bytes go into. */
  async #filling(): Promise<PartBuffer> {
    this.#queue.check();
    const full = this.#current;
    if (full !== undefined && full.length < full.bytes.length) return full;
    if (full !== undefined) this.#held.push(full);
    this.#current = undefined;
    await this.#release();
    this.#current = this.#queue.take(this.#nextNumber);
    this.#nextNumber += 1;
    return this.#current;
  }

  /** Sends the parts that need not be held any more. */
  async #release(): Promise<void> {
    const firstHeld = Math.floor(this.#heldFrom / this.#options.target.partBytes) + 1;
    const isHeld = ({ number }: PartBuffer): boolean =>
      number >= firstHeld && number < firstHeld + heldParts;
    const stay = this.#held.filter(isHeld).length;
    for (const part of this.#held.filter((each) => !isHeld(each))) {
      await this.#push(part, stay);
      this.#held.splice(this.#held.indexOf(part), 1);
    }
  }

  async #push(part: PartBuffer, held: number): Promise<void> {
    this.#upload ??= await this.#begin();
    await this.#interruptibly(this.#queue.push(part, held));
  }

  async #begin(): Promise<MultipartUpload> {
    const { place, target, begun } = this.#options;
    const upload = await MultipartUpload.begin(place, target, this.#signal);
    this.#upload = upload;
    await begun?.(upload);
    return upload;
  }

  async #send(number: number, bytes: Uint8Array): Promise<void> {
    await this.#upload?.send(number, bytes, this.#signal);
  }

  #inMemory(number: number): PartBuffer {
    const parts = [...this.#held, ...(this.#current === undefined ? [] : [this.#current])];
    const found = parts.find((part) => part.number === number);
    if (found !== undefined) return found;
    throw new RangeError(`Part ${number} is no longer held`);
  }

  async #stored(found: HeadObjectCommandOutput | undefined): Promise<StoredObject> {
    const { place, target } = this.#options;
    const { key } = target;
    if (found === undefined) throw place.notFound(key);
    const stored = headedObject(key, found);
    await ensureLocked(place, { target, found }, this.#signal);
    if (stored.size === this.#size) return stored;
    throw new StorageError("damaged", `${key} has ${stored.size} bytes there, not ${this.#size}`, {
      key,
      facts: { expectedBytes: this.#size, actualBytes: stored.size },
    });
  }

  #interruptibly<Result>(work: Promise<Result>): Promise<Result> {
    return settledOrAborted(work, this.#signal);
  }

  #check(): void {
    this.#signal.throwIfAborted();
    this.#queue.check();
  }

  /** Stops what is under way. */
  #end(): void {
    this.#upload = undefined;
    this.#current = undefined;
    this.#held.length = 0;
    this.#queue.drop();
    this.#ended.abort(new StorageError("unsupported", "This object is closed already"));
  }
}

/** An archive's headers may lie across the border of two parts. */
const heldParts = 2;
const givingUpInMs = 5000;
