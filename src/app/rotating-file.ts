import { closeSync, fstatSync, openSync, renameSync, rmSync, writeSync } from "node:fs";

export interface RotationLimits {
  /** Bytes of the file, at most; a single line may be longer. */
  readonly longest: number;
  /** Full files that are kept: `NAME.1` is the youngest. */
  readonly kept: number;
}

/**
 * A file of lines that begins anew when it is full, for its owner alone. Writing never throws: on a full disk lines are
 * lost, and the next line that can be written is preceded by how many.
 */
export class RotatingFile {
  readonly #path: string;
  readonly #limits: RotationLimits;
  #file: { readonly descriptor: number; size: number } | undefined;
  #lost = 0;

  constructor(path: string, limits: RotationLimits) {
    this.#path = path;
    this.#limits = limits;
  }

  /** @param line with its line feed */
  write(line: string): void {
    try {
      if (this.#lost > 0) this.#append(lostLine(this.#lost));
      this.#lost = 0;
      this.#append(line);
    } catch {
      // There is nobody left to tell; the next line will.
      this.#lost += 1;
      this.#close();
    }
  }

  #append(line: string): void {
    const bytes = Buffer.from(line);
    const file = this.#open();
    if (file.size > 0 && file.size + bytes.length > this.#limits.longest) {
      this.#rotate();
      return this.#append(line);
    }
    for (let at = 0; at < bytes.length;) {
      const written = writeSync(file.descriptor, bytes, at);
      at += written;
      file.size += written;
    }
  }

  #open(): { readonly descriptor: number; size: number } {
    if (this.#file !== undefined) return this.#file;
    const descriptor = openSync(this.#path, "a", 0o600);
    this.#file = { descriptor, size: fstatSync(descriptor).size };
    return this.#file;
  }

  #rotate(): void {
    this.#close();
    const { kept } = this.#limits;
    rmSync(this.#nameOf(kept), { force: true });
    for (let number = kept - 1; number >= 0; number -= 1) {
      try {
        renameSync(this.#nameOf(number), this.#nameOf(number + 1));
      } catch (error) {
        // There have not been so many yet, or somebody has taken one away.
        if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
      }
    }
  }

  #nameOf(number: number): string {
    return number === 0 ? this.#path : `${this.#path}.${number}`;
  }

  #close(): void {
    if (this.#file !== undefined) closeSync(this.#file.descriptor);
    this.#file = undefined;
  }
}

function lostLine(count: number): string {
  return `${JSON.stringify({ level: "error", msg: "Lines of the log were lost", count })}\n`;
}
