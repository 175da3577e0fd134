import type { ByteSource } from "#core/ports.ts";

/**
 * A place that keeps objects under keys: a folder, a share, a bucket.
 *
 * A key is a relative path: names joined by `/`, none of them empty, `.` or `..`. Folders exist only as
 * far as objects lie in them. Sentences marked • are promises; each is a check of `storageContract`.
 *
 * • Aborting the signal rejects with the signal's reason, and what was not finished leaves nothing.
 * • A key that no provider may accept is a `RangeError`, before anything is touched.
 * Every other failure is a `StorageError`, except that a failing body rejects with its own error.
 */
export interface StorageProvider {
  /** Name in the catalog: `local`, `memory` … */
  readonly kind: string;
  readonly features: StorageFeatures;

  /**
   * Stores one object.
   * • It appears whole or not at all: a body that fails half-way or has another length than announced
   *   leaves nothing behind.
   * • An object that is there already stays as it was and the call rejects with `already-exists`,
   *   unless `overwrite` is set; then readers see the old bytes until they see the new ones.
   * • With `resume` an upload that was cut goes on from the bytes that the place has confirmed.
   */
  write(key: string, content: Content, signal: AbortSignal): Promise<StoredObject>;

  /**
   * Begins an object whose bytes come in pieces. The signal counts until `commit` or `abort`.
   * • Nothing is to be seen of it before `commit`. • `already-exists` as with `write`, at the latest
   *   from `commit`.
   */
  openWrite(key: string, options: WriteOptions, signal: AbortSignal): Promise<ObjectWriter>;

  /**
   * Reads an object, or a range of it, from the beginning to the end.
   * • A missing key rejects with `not-found` before any byte. • A range beyond the end gives the bytes
   *   that are there. Chunks belong to the caller.
   */
  read(
    key: string,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>>;

  /**
   * Opens an object for reading at any place. The signal counts until `close`.
   * • A missing key rejects with `not-found`.
   */
  open(key: string, signal: AbortSignal): Promise<ByteSource>;

  /** • A missing key rejects with `not-found`. */
  stat(key: string, signal: AbortSignal): Promise<StoredObject>;

  /**
   * Objects, in pages, whose keys begin with the prefix and have no further `/` behind it: `""` lists the top,
   * `notes/` that folder. Order is not promised.
   * • Each object comes once, however many there are. • Unfinished objects do not come.
   * • Objects that come or go meanwhile disturb nothing. A place that is not there rejects with
   *   `unreachable`; it is never an empty list.
   */
  list(prefix: string, signal: AbortSignal): AsyncIterable<readonly StoredObject[]>;

  /** • Removing what is already gone succeeds. */
  remove(key: string, signal: AbortSignal): Promise<void>;

  /** Room for new objects, or undefined where the place does not tell. */
  freeSpace(signal: AbortSignal): Promise<FreeSpace | undefined>;

  /**
   * Removes what writers that no longer live have left, at the top and in `.safehouse/`.
   * • Never what a living writer still uses. Returns what was removed.
   */
  removeLeftovers(signal: AbortSignal): Promise<readonly Leftover[]>;

  /**
   * Removes what an upload has left that nobody goes on with; absent where no upload is resumable.
   * • Succeeds where nothing of it is left, and with a state that is not understood.
   * @param state what `Resume.keep` was last told
   */
  discard?(key: string, state: string, signal: AbortSignal): Promise<void>;

  /**
   * Compares an object with bytes by a checksum that the place has made of what it keeps; nothing of the object is
   * read back. Undefined where the place has none for it; absent where it never has.
   * • False for other bytes. • A missing key rejects with `not-found`.
   */
  matches?(key: string, open: OpenBody, signal: AbortSignal): Promise<boolean | undefined>;

  /**
   * How far an object has come to wherever the place brings it by itself, such as other devices; asked again and again, and
   * does not wait. Absent where to be there is all. Rejects where nothing would come of waiting.
   * • A missing key rejects with `not-found`. • Without anybody to take it, it has not settled and stays as it is.
   */
  settlement?(key: string, signal: AbortSignal): Promise<Settlement>;

  /** Where files grow that become objects without being copied; absent where there can be no such folder. */
  readonly incoming?: Incoming | undefined;
}

/**
 * A folder of this machine, on the place's own disk, in which whole files come in. They are known by one name
 * without `/`; every other is a `RangeError`. Other programs and threads write them, with the calls of the system.
 * `removeLeftovers` also removes what nobody has written to for a week there.
 */
export interface Incoming {
  /**
   * Absolute path of the folder, which is made if it is missing; leftovers in it are removed. A place that is not there is
   * `unreachable`.
   */
  folder(signal: AbortSignal): Promise<string>;
  /** A name that nothing has. A file of that name is a leftover as soon as this process has ended. */
  ownName(): string;
  /** Opens a file in the folder; the signal counts until `close`. Rejects with `not-found`. */
  open(name: string, signal: AbortSignal): Promise<ByteSource>;
  /**
   * Makes an object of a file in the folder.
   * • The object is whole and on stable storage, and the file is gone, when this resolves. • An object that is
   *   there already stays, and so does the file: `already-exists`.
   */
  adopt(name: string, key: string, signal: AbortSignal): Promise<StoredObject>;
  /** Removing what is already gone succeeds. */
  remove(name: string, signal: AbortSignal): Promise<void>;
}

/** What a provider can do. Checks of the contract are chosen by it, and by nothing else. */
export interface StorageFeatures {
  /** Which bytes of an unfinished object can be rewritten; see `ObjectWriter`. */
  readonly patch: Patch;
  /** True if two writers of one new key can never both succeed. */
  readonly exclusiveCreate: boolean;
  /** True if `freeSpace` tells. */
  readonly freeSpace: boolean;
  /** True if failures often pass by themselves within seconds, as they do on a network. */
  readonly flaky: boolean;
  /** Bytes of UTF-8 that one name between two `/` may have. */
  readonly longestName: number;
  /** True if there is `incoming`. */
  readonly incoming?: boolean;
  /** True if `write` heeds `resume`. */
  readonly resumable?: boolean;
  /** True if there is `matches`, and it tells of objects that were written through this provider. */
  readonly matches?: boolean;
  /** True if there is `settlement`. */
  readonly settles?: boolean;
}

/**
 * `seek`: any byte; `parts`: the first bytes from the last `holdFrom` on, 5 MiB at least, and those that were written last;
 * `none`: none.
 */
export type Patch = "seek" | "parts" | "none";

/** Whether an object has come to wherever its place brings it by itself. */
export type Settlement =
  | { readonly settled: true }
  | {
      readonly settled: false;
      /** What it waits for, as the end of a sentence: "laptop (not connected)". */
      readonly waitsFor: string;
      /** Nothing will move before somebody comes back or does something. */
      readonly isHeldUp: boolean;
      /** Bytes that are still to be moved, those of other objects perhaps among them; fewer of them are progress. */
      readonly left: number;
    };

/** Opens the body from its beginning, or from that byte on; called again for each attempt. */
export type OpenBody = (from?: number) => AsyncIterable<Uint8Array>;

export interface WriteOptions {
  /** Replace an object of that key. Without it such an object is left alone. */
  readonly overwrite?: boolean;
  /** Bytes that will come, if known: checked against free space before any of them. */
  readonly size?: number;
  /**
   * Told of bytes as they leave for the place. Only what gathers many of them before it sends them needs to tell: else what
   * a slow line still carries looks like a stall.
   */
  readonly sent?: (bytes: number) => void;
}

export interface Content extends WriteOptions {
  readonly open: OpenBody;
  /** Given together with `size`. A failure then leaves what was confirmed, as a leftover, for the next attempt. */
  readonly resume?: Resume;
}

/** How an upload goes on where it was cut, also in another process. The bytes are the same each time. */
export interface Resume {
  /** What `keep` was last told; undefined at first. What is no longer understood, or gone at the place, begins anew. */
  readonly state: string | undefined;
  /** Keeps what the next attempt needs to find the upload; opaque, without secrets. */
  keep(state: string): Promise<void>;
}

/** Bytes `offset` up to `offset + length`; up to the end without a length. */
export interface ByteRange {
  readonly offset: number;
  readonly length?: number;
}

export interface StoredObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970, as the place tells it. */
  readonly modifiedAt: number;
  /** Opaque. Another version means that the content may be another. */
  readonly version: string;
}

export interface FreeSpace {
  /** Bytes that a new object may take. */
  readonly freeBytes: number;
  readonly totalBytes: number | undefined;
}

export interface Leftover {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
}

/**
 * An object that is being written. One call at a time: the next when the promise of the last one has
 * resolved. After a rejection only `abort` is allowed. Disposing aborts what was not committed.
 */
export interface ObjectWriter extends AsyncDisposable {
  readonly patch: Patch;
  /** Appends. The bytes may be reused once the promise has resolved. */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Rewrites bytes that were written before. `RangeError` for bytes that were not, or that are not
   * held; `unsupported` where `patch` is `none`.
   */
  patchAt(offset: number, bytes: Uint8Array): Promise<void>;
  /** Promises that no byte before `offset` will be rewritten. At first all bytes are held. */
  holdFrom(offset: number): void;
  /** • The object is there, whole and on stable storage, when this resolves. */
  commit(): Promise<StoredObject>;
  /** • Leaves nothing behind. May be called twice, and after a failure; after `commit` it does nothing. */
  abort(): Promise<void>;
}
