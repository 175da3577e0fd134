import { letGo } from "../let-go.ts";

/** Takes bytes; they may be reused once the promise has resolved. */
type Write = (bytes: Uint8Array) => Promise<void>;

/**
 * Writes pieces of its own while the next ones are made ready. A failure is thrown by the call after it.
 */
export class WriteBehind {
  #underWay: Promise<Failure | undefined> | undefined;

  /**
   * Begins to write pieces that nobody else uses, once those before are written. Each is let go when it
   * is written.
   */
  async begin(pieces: readonly Uint8Array[], write: Write): Promise<void> {
    if (pieces.length === 0) return;
    await this.settle();
    this.#underWay = writeAll(pieces, write);
  }

  /** Waits for what is under way; to be called before anything else is written to the same place. */
  async settle(): Promise<void> {
    const failure = await this.#underWay;
    this.#underWay = undefined;
    if (failure !== undefined) throw failure.error;
  }
}

interface Failure {
  readonly error: unknown;
}

async function writeAll(pieces: readonly Uint8Array[], write: Write): Promise<Failure | undefined> {
  try {
    for (const piece of pieces) {
      await write(piece);
      letGo(piece);
    }
    return undefined;
  } catch (error) {
    return { error };
  }
}
