/** Where a request comes from, as a list of sessions shows it. */
export interface Client {
  /** What the browser says of itself; only the beginning is kept. */
  readonly userAgent: string | undefined;
  /** Undefined if it is not known. */
  readonly address: string | undefined;
}
