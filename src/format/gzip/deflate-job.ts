import type { Problem } from "#core/model/problem.ts";

/** What a compression thread is asked. Both buffers are handed over, and come back with the answer. */
export interface DeflateJob {
  readonly input: ArrayBuffer;
  /** Bytes of `input` that count. */
  readonly length: number;
  readonly output: ArrayBuffer;
}

/** What a compression thread says: `ready` or `failed` once, then `done` for each job, in order. */
export type DeflateAnswer =
  | { readonly kind: "ready" }
  | {
      readonly kind: "failed";
      readonly problem: Problem;
      readonly message: string;
      readonly advice: string | undefined;
    }
  | {
      readonly kind: "done";
      readonly input: ArrayBuffer;
      readonly output: ArrayBuffer;
      /** Bytes of `output` that count. */
      readonly written: number;
      /** Of the input. */
      readonly crc32: number;
    };
