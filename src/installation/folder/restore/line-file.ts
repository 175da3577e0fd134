import { closeSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";

/** Where a comparison writes; a place in it can be marked and come back to. */
export interface Lines {
  write(value: unknown): void;
  mark(): number;
  /** Forgets what was written since the mark. */
  rewind(mark: number): void;
}

/** Takes lines and keeps none. */
export const noLines: Lines = { write: () => undefined, mark: () => 0, rewind: () => undefined };

const bufferedBytes = 1 << 18;

/** JSON values in a file, one a line. A million of them do not belong in memory. */
export class LineFile implements Lines, Disposable {
  readonly #file: number;
  #written = 0;
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  constructor(path: string) {
    this.#file = openSync(path, "w", 0o600);
  }

  write(value: unknown): void {
    const line = Buffer.from(`${JSON.stringify(value)}\n`);
    this.#pending.push(line);
    this.#pendingBytes += line.length;
    if (this.#pendingBytes >= bufferedBytes) this.#flush();
  }

  mark(): number {
    return this.#written + this.#pendingBytes;
  }

  rewind(mark: number): void {
    if (mark === this.mark()) return;
    this.#flush();
    ftruncateSync(this.#file, mark);
    this.#written = mark;
  }

  /** Brings every line to the disk. */
  sync(): void {
    this.#flush();
    fsyncSync(this.#file);
  }

  /** Closes the file; what was written since `sync` is lost, as after a failure it should be. */
  [Symbol.dispose](): void {
    closeSync(this.#file);
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#pending);
    for (let at = 0; at < bytes.length;) {
      at += writeSync(this.#file, bytes, at, bytes.length - at, this.#written + at);
    }
    this.#written += bytes.length;
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}

/** The values of such a file, in order. */
export function* readLines(path: string): Generator<unknown, void, undefined> {
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(bufferedBytes);
    let rest = Buffer.alloc(0);
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
      const bytes = Buffer.concat([rest, buffer.subarray(0, length)]);
      const end = bytes.lastIndexOf(10) + 1;
      rest = Buffer.from(bytes.subarray(end));
      for (const line of bytes.toString("utf8", 0, end).split("\n")) {
        if (line !== "") yield JSON.parse(line) as unknown;
      }
    }
  } finally {
    closeSync(file);
  }
}
