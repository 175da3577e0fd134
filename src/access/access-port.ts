import type { Scope } from "./scope.ts";

/** A password as it is kept. */
export interface StoredPassword {
  /** In the notation of the PHC: algorithm, costs, salt and hash. */
  readonly hash: string;
  /** ISO date-time. */
  readonly setAt: string;
}

/** The set-up link that was made last. */
export interface StoredSetUp {
  /** SHA-256 of its token, hexadecimal. */
  readonly hash: string;
  /** ISO date-time. */
  readonly madeAt: string;
}

/** A browser that may come back without the password. */
export interface StoredSession {
  /** 16 hexadecimal digits, drawn by lot; not secret. */
  readonly id: string;
  /** `set-up` is for setting up alone. */
  readonly kind: "signed-in" | "set-up";
  /** SHA-256 of what the cookie holds, hexadecimal. */
  readonly hash: string;
  /** ISO date-times. */
  readonly madeAt: string;
  readonly lastUsedAt: string;
  readonly expiresAt: string;
  /** What the browser said of itself at the beginning, and where it was; undefined if not known. */
  readonly userAgent: string | undefined;
  readonly address: string | undefined;
}

/** An API token; what it consists of is not kept. */
export interface StoredToken {
  /** 16 hexadecimal digits, drawn by lot; not secret. */
  readonly id: string;
  readonly name: string;
  readonly scope: Scope;
  /** SHA-256 of the token, hexadecimal. */
  readonly hash: string;
  /** ISO date-times; undefined if it was never used, or if it is good for ever. */
  readonly madeAt: string;
  readonly lastUsedAt: string | undefined;
  readonly expiresAt: string | undefined;
}

/** Everything that decides who may come in. */
export interface AccessRecord {
  /** The password that a person has set. */
  readonly password: StoredPassword | undefined;
  /** The one from the environment; while it is there it counts instead. */
  readonly environmentPassword: StoredPassword | undefined;
  readonly setUp: StoredSetUp | undefined;
  readonly sessions: readonly StoredSession[];
  readonly tokens: readonly StoredToken[];
}

/**
 * Keeps what decides who may come in. Both methods reject with `damaged`, `unknown-version` and `denied` for
 * what cannot be read: it is never replaced by an empty record, since an empty one lets the next comer set the
 * password.
 */
export interface AccessStore {
  /** Cheap enough for every request. An empty record if there is none yet. */
  read(): Promise<AccessRecord>;
  /**
   * Changes the record as a whole, or not at all if `decide` throws; no other change comes in between, of this
   * process or another. `decide` may be called twice. Returns the new record.
   */
  change(decide: (record: AccessRecord) => AccessRecord): Promise<AccessRecord>;
}
