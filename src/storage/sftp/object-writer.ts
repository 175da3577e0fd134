import type { Stats } from "ssh2";
import { checkPatch } from "../check-patch.ts";
import { StorageError } from "../errors.ts";
import type { ObjectWriter, StoredObject } from "../provider.ts";
import { translating } from "./errors.ts";
import { lookAt, publishInstead, publishNew, unlinkIfThere } from "./publish.ts";
import { explainRefusal } from "./refused-write.ts";
import type { SftpSession } from "./session.ts";
import type { SessionLease } from "./shared-session.ts";
import { storedObject } from "./stored-object.ts";
import { Upload } from "./upload.ts";

export interface SftpWriterOptions {
  readonly key: string;
  /** Folder that the object goes to, and its own path. */
  readonly folder: string;
  readonly path: string;
  readonly temporaryPath: string;
  readonly overwrite: boolean;
  /** Bytes that were announced, or undefined. */
  readonly size: number | undefined;
  /** Bytes that the file has already. */
  readonly from: number;
  /** Whether the unfinished file stays for the next attempt when the writer is given up. */
  readonly keepsUnfinished: boolean;
  readonly lease: SessionLease;
  readonly handle: Buffer;
  /** Opens a session for tidying up, when the writer's own is lost or busy. */
  readonly anotherSession: (signal: AbortSignal) => Promise<SftpSession>;
  /** Called once, when the temporary name is no longer in use. */
  readonly ended: () => void;
}

/** A file under a temporary name until it is whole. */
export class SftpWriter implements ObjectWriter {
  readonly patch = "seek";
  readonly #options: SftpWriterOptions;
  readonly #signal: AbortSignal;
  readonly #upload: Upload;
  #state: "open" | "committed" | "aborted" = "open";
  #closed = false;

  constructor(options: SftpWriterOptions, signal: AbortSignal) {
    const { key, handle, lease, from } = options;
    this.#options = options;
    this.#signal = signal;
    this.#upload = new Upload({ session: lease.session, handle, key }, from, signal);
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#upload.size;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#check();
    await this.#attempt(() => this.#upload.write(bytes));
  }

  async patchAt(offset: number, bytes: Uint8Array): Promise<void> {
    this.#check();
    const { size } = this.#upload;
    checkPatch({ patch: "seek", heldFrom: 0, size, offset, length: bytes.length });
    await this.#attempt(() => this.#upload.rewrite(offset, bytes));
  }

  /** Every byte of a file can be rewritten at any time, so there is nothing to let go. */
  holdFrom(): void {
    this.#check();
  }

  async commit(): Promise<StoredObject> {
    this.#check();
    return this.#attempt(async () => {
      const { lease, key, path, overwrite } = this.#options;
      await this.#upload.finish();
      await this.#checkWhole();
      const signal = this.#signal;
      if (overwrite) {
        await this.#tellApart();
        await this.#close(signal);
        await publishInstead(lease.session, this.#options, signal);
      } else {
        await this.#close(signal);
        await publishNew(lease.session, this.#options, signal);
      }
      this.#state = "committed";
      this.#options.ended();
      const stats = await lookAt(lease.session, path, signal);
      lease.release();
      if (stats !== undefined) return storedObject(key, stats);
      throw new StorageError("not-found", `${key} was removed as soon as it was there`, { key });
    });
  }

  async abort(): Promise<void> {
    if (this.#state !== "open") {
      this.#options.lease.release();
      return;
    }
    this.#state = "aborted";
    this.#options.ended();
    try {
      await translating(this.#options.key, () => this.#tidyUp());
    } catch (error) {
      // The place is gone, which whoever writes was told of already. `removeLeftovers` finds the file later.
      const gone = error instanceof StorageError && error.problem === "unreachable";
      const silent = error instanceof Error && error.name === "TimeoutError";
      if (!gone && !silent) throw error;
    } finally {
      this.#options.lease.release();
    }
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

  async #checkWhole(): Promise<void> {
    const { lease, handle, key } = this.#options;
    const { size } = await lease.session.ask<Stats>(
      (sftp, answer) => sftp.fstat(handle, answer),
      this.#signal,
    );
    const expectedBytes = this.#upload.size;
    if (size === expectedBytes) return;
    const message = `${key}: the server has ${size} bytes of the ${expectedBytes} that it was given`;
    const facts = { expectedBytes, actualBytes: size };
    throw new StorageError("damaged", message, { key, facts });
  }

  /** Times are whole seconds here, so each version is made later than the one that it replaces, whatever the clock says. */
  async #tellApart(): Promise<void> {
    const { lease, handle, path } = this.#options;
    const old = await lookAt(lease.session, path, this.#signal);
    if (old === undefined) return;
    const ours = await lease.session.ask<Stats>(
      (sftp, answer) => sftp.fstat(handle, answer),
      this.#signal,
    );
    if (ours.mtime > old.mtime) return;
    await lease.session.ask<void>(
      (sftp, answer) => sftp.futimes(handle, ours.atime, old.mtime + 1, answer),
      this.#signal,
    );
  }

  async #close(signal: AbortSignal): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { lease, handle } = this.#options;
    await lease.session.ask<void>((sftp, answer) => sftp.close(handle, answer), signal);
  }

  /**
   * Closes and removes the unfinished file. On a slow line both wait behind megabytes that are on their way, and after a
   * failure the session may be lost; then another connection does it.
   */
  async #tidyUp(): Promise<void> {
    const { lease, anotherSession, keepsUnfinished, temporaryPath } = this.#options;
    const { session } = lease;
    const soon = AbortSignal.timeout(answerInMs);
    // What the server says to closing does not matter to a file that goes or is gone on with.
    await this.#close(soon).catch(() => undefined);
    if (keepsUnfinished) return;
    if (session.alive && !soon.aborted) {
      const removed = unlinkIfThere(session, temporaryPath, soon).then(
        () => true,
        (error: unknown) => {
          if (session.alive && !soon.aborted) throw error;
          return false;
        },
      );
      if (await removed) return;
    }
    const late = AbortSignal.timeout(tidyingInMs);
    const other = await anotherSession(late);
    try {
      await unlinkIfThere(other, temporaryPath, late);
    } finally {
      other.end();
    }
  }

  async #attempt<Result>(work: () => Promise<Result>): Promise<Result> {
    const { key, folder, lease, size = 0 } = this.#options;
    return translating(key, async () => {
      try {
        return await work();
      } catch (error) {
        const offset = this.#upload.failedAt;
        if (offset === undefined) throw error;
        const bytes = Math.max(1, size - offset);
        const refused = { session: lease.session, key, folder, offset, bytes };
        throw await explainRefusal(error, refused, this.#signal);
      }
    });
  }
}

/** So long the session may take to remove a file that was given up, and so long another, before it is left as a leftover. */
const answerInMs = 1000;
const tidyingInMs = 4000;
