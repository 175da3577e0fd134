/** The key that the secrets of a data directory are sealed with, in base64. */
export interface SecretKeyStore {
  /** Undefined if there is none yet. Rejects with `damaged` for one that is none. */
  read(): Promise<string | undefined>;
  /**
   * Takes a key for its own where there is none; one that is there stays. Rejects with `not-found` if there
   * are secrets that another key has sealed, which is missing.
   */
  adopt(key: string): Promise<void>;
}
