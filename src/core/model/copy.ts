/** What can become of a copy. Only `present` and `damaged` ones take room at the location. */
export type CopyState = "queued" | "sending" | "present" | "damaged" | "missing";

/**
 * What the last look at a copy's content came to. `proven` and `readable`: all of it was read, and is
 * protected or not (docs/architecture.md, "Verify"). `unverified`: nobody has read it yet. `failed`: it
 * was read and is not what was written.
 */
export type CopyVerification = "proven" | "readable" | "unverified" | "failed";

/** What is known of one backup at one location. What is not known is said to be unknown, never guessed. */
export interface CopyFacts {
  /** Slug of the backup. */
  readonly slug: string;
  /** When the backup was made, in milliseconds since 1970; undefined if that cannot be read. */
  readonly date: number | undefined;
  /** The installation whose backup it is. */
  readonly owner: "this" | "other" | "unknown";
  /** A person wants it kept at this location; undefined if it is not known whether. */
  readonly pinned: boolean | undefined;
  readonly state: CopyState;
  readonly verification: CopyVerification;
  /** Id of the plan that made the backup; undefined for one that was made without a plan. */
  readonly plan: string | undefined;
  /**
   * It is there and has yet to come to wherever its location brings it by itself, such as other devices. Until then it is
   * not delivered, though it takes room and can be read.
   */
  readonly waits?: true;
}
