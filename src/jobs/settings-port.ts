/** All settings of one home, as JSON values by name. Whoever reads one checks it. */
export interface HomeSettingsStore {
  /** Empty if there are none. Rejects with `damaged` and `unknown-version`. */
  read(): Promise<Readonly<Record<string, unknown>>>;
  /**
   * Changes some settings and leaves the others; no other change comes in between. Nothing changes if
   * `decide` throws, and it may be called twice.
   */
  decide(
    decide: (settings: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
  ): Promise<void>;
}
