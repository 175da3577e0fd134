/** The terminal, or whatever stands in its place. Commands see the world only through this. */
export interface Console {
  /**
   * Results. Resolves when more may be written, so that a slow reader slows us down. Rejects with
   * `ReaderGone`, or with what keeps the output from being written.
   */
  out(text: string | Uint8Array): Promise<void>;
  /** Resolves when all results have been written; rejects as `out`. */
  flush(): Promise<void>;
  /** Progress, questions and errors. */
  err(text: string): void;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly inIsTerminal: boolean;
  /** Columns of the terminal. */
  readonly columns: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads a line without showing it. */
  askSecret(question: string): Promise<string>;
  /** Reads a line. */
  ask(question: string): Promise<string>;
  readTextFile(path: string): Promise<string>;
  /** Fires on Ctrl-C and on a request to terminate. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  now(): number;
}
