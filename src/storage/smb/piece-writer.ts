import { settledOrAborted } from "../interruptible.ts";
import type { SmbFile } from "./protocol/file.ts";

/** Pieces under way at a time: enough to keep a fast line busy, and all the memory that a writer takes. */
const piecesAtOnce = 6;

interface Sent {
  readonly offset: number;
  readonly done: Promise<void>;
}

/**
 * Appends to an open file in pieces, several of which are under way at a time. What goes wrong with one comes out of the
 * next call.
 */
export class PieceWriter {
  readonly #file: SmbFile;
  readonly #signal: AbortSignal;
  readonly #pieceBytes: number;
  readonly #free: Buffer[] = [];
  /** In the order of their bytes. */
  readonly #sent = new Set<Sent>();
  #piece: Buffer | undefined;
  #filled = 0;
  /** Bytes before the piece that is being filled. */
  #offset: number;
  #failure: Error | undefined;

  /** @param offset where the bytes begin to go */
  constructor(file: SmbFile, offset: number, signal: AbortSignal) {
    this.#file = file;
    this.#offset = offset;
    this.#signal = signal;
    this.#pieceBytes = file.connection.pieceBytes(file.connection.agreement?.maxWrite ?? 65_536);
  }

  /** Bytes in all, with those that were there before. */
  get size(): number {
    return this.#offset + this.#filled;
  }

  /** Bytes from the beginning on that the server has all of. */
  get confirmed(): number {
    const [first] = this.#sent;
    return first?.offset ?? this.#offset;
  }

  /** The bytes may be reused once the promise has resolved. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#check();
    for (let at = 0; at < bytes.length;) {
      this.#piece ??= this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#pieceBytes);
      const some = bytes.subarray(at, at + this.#piece.length - this.#filled);
      this.#piece.set(some, this.#filled);
      this.#filled += some.length;
      at += some.length;
      if (this.#filled === this.#piece.length) await this.#send();
    }
  }

  /** Rewrites bytes that were written before. */
  async patch(offset: number, bytes: Uint8Array): Promise<void> {
    this.#check();
    if (this.#piece !== undefined && offset >= this.#offset) {
      this.#piece.set(bytes, offset - this.#offset);
      return;
    }
    // The server may take pieces in another order than they are sent in.
    await this.drain();
    for (let at = 0; at < bytes.length; at += this.#pieceBytes) {
      const piece = Buffer.from(bytes.subarray(at, at + this.#pieceBytes));
      await settledOrAborted(this.#file.write(offset + at, piece), this.#signal);
    }
  }

  /** The server has everything when this resolves. */
  async drain(): Promise<void> {
    this.#check();
    if (this.#filled > 0) await this.#send();
    while (this.#sent.size > 0) await this.#oneIsDone();
    this.#check();
  }

  async #send(): Promise<void> {
    const piece = this.#piece;
    if (piece === undefined) return;
    const offset = this.#offset;
    const bytes = piece.subarray(0, this.#filled);
    this.#piece = undefined;
    this.#filled = 0;
    this.#offset += bytes.length;
    const sent: Sent = {
      offset,
      done: this.#file.write(offset, bytes).then(
        () => {
          this.#free.push(piece);
          this.#sent.delete(sent);
        },
        (error: Error) => {
          // It stays among those that are not confirmed.
          this.#failure ??= error;
        },
      ),
    };
    this.#sent.add(sent);
    while (this.#sent.size >= piecesAtOnce) await this.#oneIsDone();
  }

  async #oneIsDone(): Promise<void> {
    const [first] = this.#sent;
    if (first !== undefined) await settledOrAborted(first.done, this.#signal);
    this.#check();
  }

  #check(): void {
    this.#signal.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure;
  }
}
