import type { ArchiveTarget, IndexStore, Spool } from "#archive/ports.ts";
import type { ArchiveSinkOptions } from "#archive/write/archive-sink.ts";
import type { EntryNote, PartEvents } from "#core/model/part-event.ts";
import type { ByteSource } from "#core/ports.ts";

/** What the jobs on a single archive need of the machine. */
export interface ArchiveTools {
  /** Rejects with `not-found` or `denied`. */
  openFile(path: string): Promise<ByteSource>;
  /** The file appears whole at commit. Rejects with `already-exists` unless `overwrite`. */
  createFile(path: string, overwrite: boolean): Promise<ArchiveTarget>;
  /** Removes a file that `createFile` made. */
  removeFile(path: string): Promise<void>;
  /** Puts a file that `createFile` made in the place of another, which is there or not, in one step. */
  replaceFile(made: string, path: string): Promise<void>;
  openSpool(): Promise<Spool>;
  /** Where an index of this archive may be: beside it, then in the data directory. */
  indexStores(path: string): readonly IndexStore[];
  /** Where a new index of an archive that others made goes. */
  ownIndexStore(): IndexStore;
  /** Writes entries into a fresh directory tree. Rejects with `already-exists` if it is not empty. */
  writeTree(directory: string, events: PartEvents, signal: AbortSignal): Promise<WrittenTree>;
  deflatePool(): Promise<ArchiveSinkOptions["pool"]>;
}

/** What `writeTree` wrote. */
export interface WrittenTree {
  readonly files: number;
  readonly bytes: number;
  readonly notes: readonly EntryNote[];
}
