import { readFile } from "node:fs/promises";

/** What `blake3.as.ts` exports. */
interface Code {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly inputAddress: { readonly value: number };
  readonly inputSize: { readonly value: number };
  readonly digestAddress: { readonly value: number };
  absorb(): void;
  finish(length: number): void;
}

interface Instance {
  readonly exports: Code;
}

// TypeScript has the types of this global only together with all of a browser's.
declare const WebAssembly: {
  compile(code: Uint8Array): Promise<object>;
  Instance: new (module: object) => Instance;
};

const digestSize = 32;

let compiled: Promise<object> | undefined;

/**
 * Compiles the code, once per thread however often it is called. The function that it resolves to makes
 * a hasher; each has its own 128 KiB, so keep one and use it for one message after the other.
 */
export async function loadBlake3(): Promise<() => Blake3> {
  compiled ??= compile();
  const module = await compiled;
  return () => new Blake3(new WebAssembly.Instance(module).exports);
}

async function compile(): Promise<object> {
  return WebAssembly.compile(await readFile(new URL("./blake3.wasm", import.meta.url)));
}

/** BLAKE3 without a key (https://github.com/BLAKE3-team/BLAKE3-specs), of one message at a time. */
export class Blake3 {
  readonly #code: Code;
  readonly #memory: Uint8Array;
  /** [start, end) of the input in the memory; up to `#at` it holds bytes of the message. */
  readonly #start: number;
  readonly #end: number;
  readonly #digestAt: number;
  #at: number;

  constructor(code: Code) {
    this.#code = code;
    this.#memory = new Uint8Array(code.memory.buffer);
    this.#start = code.inputAddress.value;
    this.#end = this.#start + code.inputSize.value;
    this.#digestAt = code.digestAddress.value;
    this.#at = this.#start;
  }

  /** Adds to the message. The bytes are copied, so the array may be used again. */
  update(bytes: Uint8Array): void {
    if (bytes.length <= this.#end - this.#at) {
      this.#memory.set(bytes, this.#at);
      this.#at += bytes.length;
    } else {
      this.#updateInPieces(bytes);
    }
  }

  /** The 32 bytes that name the message. The hasher is then ready for the next one. */
  digest(): Uint8Array {
    this.#code.finish(this.#at - this.#start);
    this.#at = this.#start;
    return this.#memory.slice(this.#digestAt, this.#digestAt + digestSize);
  }

  // A full input is absorbed only when more comes: the end of the message must be left for `finish`.
  #updateInPieces(bytes: Uint8Array): void {
    let from = 0;
    while (from < bytes.length) {
      if (this.#at === this.#end) {
        this.#code.absorb();
        this.#at = this.#start;
      }
      const piece = bytes.subarray(from, from + this.#end - this.#at);
      this.#memory.set(piece, this.#at);
      this.#at += piece.length;
      from += piece.length;
    }
  }
}
