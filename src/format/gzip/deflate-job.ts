import type { ChunkSlot } from "./chunk-slot.ts";
import type { Problem } from "#core/model/problem.ts";

/** What a compression thread is asked: to compress what lies in a slot, into the same slot. */
export interface DeflateJob {
  /** Id of the slot. */
  readonly slot: number;
  /** Bytes of its input that count. */
  readonly length: number;
  /** The slot itself, the first time that the thread meets it. */
  readonly memory?: ChunkSlot;
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
      /** Bytes of the slot's output that count. */
      readonly written: number;
      /** Of the input. */
      readonly crc32: number;
    };
