/** Bytes that can be read at any place: a file, an object at a location, a buffer. */
export interface ByteSource {
  /** Bytes in all. */
  readonly size: number;
  /**
   * Reads `length` bytes from `offset`. Fewer come back only at the end of the source.
   * The result belongs to the caller.
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Wall-clock time, in milliseconds since 1970. */
export interface Clock {
  now(): number;
}

/** What a run is doing, told often; receivers throttle. */
export interface Progress {
  /** What is being done: `estimate`, `backup`, `verify`, `stage`, `swap` … */
  readonly step: string;
  /** Part at work. */
  readonly part?: string;
  /** Source bytes done so far and, when known, expected. */
  readonly bytes: number;
  readonly totalBytes?: number;
}

export type ReportProgress = (progress: Progress) => void;
