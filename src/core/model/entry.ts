/** What an archive can say that an entry is. */
export type EntryType =
  | "file"
  | "directory"
  | "symlink"
  | "hardlink"
  | "fifo"
  | "character-device"
  | "block-device";

/** One file, directory or link of a part, as it stands in an inner archive. */
export interface Entry {
  /**
   * Path inside the part's inner archive, `/` between names, no trailing slash. Bytes that are not
   * UTF-8 stand as lone surrogates U+DC80–U+DCFF (see `path-bytes.ts`), so any name survives.
   */
  readonly path: string;
  readonly type: EntryType;
  /** Permission bits, `0o7777` at most. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Names of owner and group, when the writer knew them. */
  readonly uname?: string;
  readonly gname?: string;
  /** Seconds since 1970, with fraction. */
  readonly mtime: number;
  /** Bytes of content; 0 for everything but files. */
  readonly size: number;
  /** Where a symbolic or hard link points, encoded as `path` is. */
  readonly linkTarget?: string;
}
