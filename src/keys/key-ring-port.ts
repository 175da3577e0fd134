/** What the ring says of one encryption key; never the key itself. */
export interface RingKey {
  /** Six hexadecimal digits, drawn by lot: an id tells nothing of its key. */
  readonly id: string;
  /** What a person calls it. */
  readonly name: string;
  readonly origin: "generated" | "imported";
  /** When it came into the ring, ISO date-time. */
  readonly madeAt: string;
  /** When somebody last proved that its emergency kit is at hand, ISO date-time; undefined if nobody has. */
  readonly provenAt: string | undefined;
}

/** The encryption keys of one home. Old ones are kept, for they open old backups. */
export interface KeyRing {
  /** Id of the key that new backups are encrypted with; undefined if there is none. */
  readonly current: string | undefined;
  /** In the order in which they came. */
  readonly keys: readonly RingKey[];
}

/** What becomes of a ring. */
export interface KeyRingChange {
  readonly ring: KeyRing;
  /** Keys that are new in the ring, by id. */
  readonly added?: ReadonlyMap<string, string>;
}

/** The key itself of an id in the ring, dashes included. Throws `damaged`, or `not-found` without `secret.key`. */
export type Reveal = (id: string) => string;

/**
 * Keeps the key ring of one home. Keys are encrypted where they lie. All methods reject with `damaged`,
 * `unknown-version` and `denied` for a ring that cannot be read; it is never replaced by an empty one.
 */
export interface KeyRingStore {
  /** An empty ring if there is none yet. */
  read(): Promise<KeyRing>;
  /** The key itself, dashes included. Rejects with `not-found`. */
  reveal(id: string): Promise<string>;
  /**
   * Changes the ring as a whole, or not at all if `decide` throws; no other change comes in between.
   * `decide` may be called twice. Returns the new ring.
   */
  change(decide: (ring: KeyRing, reveal: Reveal) => KeyRingChange): Promise<KeyRing>;
}
