import type { ByteSource } from "#core/ports.ts";

/**
 * Where an archive is written to. The object appears whole at `commit`, or not at all.
 *
 * Two sizes stand before the data that they describe, so some bytes are rewritten later. `patch` says
 * how: `seek` – anywhere; `parts` – only from the last `holdFrom` on (a store of parts holds the part
 * back that a header lies in); `none` – never, so the writer spools one inner archive at a time.
 */
export interface ArchiveTarget {
  readonly patch: "seek" | "parts" | "none";
  /** Appends. The bytes may be reused once the promise has resolved. */
  write(bytes: Uint8Array): Promise<void>;
  /** Rewrites bytes that were appended before. */
  patchAt(offset: number, bytes: Uint8Array): Promise<void>;
  /** `parts` only: bytes from `offset` on may still be rewritten, earlier ones will not. */
  holdFrom?(offset: number): void;
  commit(): Promise<unknown>;
  abort(): Promise<void>;
}

/** A place for one inner archive, when its target cannot be patched. */
export interface Spool extends AsyncDisposable {
  write(bytes: Uint8Array): Promise<void>;
  /** Everything written so far, from the beginning. */
  read(): AsyncIterable<Uint8Array>;
}

/** Where an index is written to; like a target, it appears whole or not at all. */
export interface IndexSink {
  write(bytes: Uint8Array): Promise<void>;
  commit(): Promise<unknown>;
  abort(): Promise<void>;
}

/** Keeps one index per backup, named by slug. */
export interface IndexStore {
  /** The index of a backup, or undefined if none is kept. */
  open(slug: string): Promise<ByteSource | undefined>;
  create(slug: string): Promise<IndexSink>;
}
