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

/**
 * The log of the program, for whoever looks after it. Messages and facts hold no secret and no name of a file in a
 * backup. Writing never fails and never waits.
 */
export interface Log {
  /** For looking into a fault; usually not written. */
  debug(message: string, facts?: LogFacts): void;
  /** What was done. */
  info(message: string, facts?: LogFacts): void;
  /** What went wrong and passes by itself. */
  warn(message: string, facts?: LogFacts): void;
  /** What a person has to look at. */
  error(message: string, facts?: LogFacts): void;
}

/**
 * Values by name. `error` may be whatever was thrown: of a SafehouseError what people are told is written, of a fault its
 * name and where it happened, and of neither what lies behind it.
 */
export interface LogFacts {
  readonly error?: unknown;
  readonly [name: string]: unknown;
}
