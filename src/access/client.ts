/** Where a request comes from, as a list of sessions shows it. */
export interface Client {
  /** What the browser says of itself; only the beginning is kept. */
  readonly userAgent: string | undefined;
  /** Address of the peer. */
  readonly address: string | undefined;
}
