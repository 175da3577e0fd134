/** How deep a verification looks (docs/architecture.md, "Verify"). */
export const verifyLevels = ["listing", "structure", "content"] as const;
export type VerifyLevel = (typeof verifyLevels)[number];

/**
 * `proven`: every byte that counts was read and is protected by a MAC or compared with a checksum of its
 * own. `readable`: it was read, but nothing protects it, so a change could not have been noticed.
 * `present`: it is there; its content was not read.
 */
export type Verdict = "proven" | "readable" | "present" | "damaged" | "missing";

export interface DamagedFile {
  /** Path inside the part; undefined when the damage lies in no file or cannot be told. */
  readonly path: string | undefined;
  readonly message: string;
}

export interface PartReport {
  /** Name of the part. */
  readonly part: string;
  /** Name of its inner archive; undefined if it is missing. */
  readonly member: string | undefined;
  readonly verdict: Verdict;
  readonly files: number;
  readonly bytes: number;
  readonly problems: readonly DamagedFile[];
}

export interface VerifyReport {
  readonly slug: string;
  readonly name: string;
  readonly level: VerifyLevel;
  /**
   * The worst verdict of its parts, which is about their content: `backup.json` carries no check value.
   * What is damaged and not named in `backup.json` does not count.
   */
  readonly verdict: Verdict;
  /** Whether an index was there that fits; then `backup.json` is as it was written too. */
  readonly indexed: boolean;
  readonly parts: readonly PartReport[];
  /** What concerns the archive as a whole, such as a `protected` flag that its bytes contradict. */
  readonly warnings: readonly string[];
}

const order: readonly Verdict[] = ["missing", "damaged", "present", "readable", "proven"];

/** The worst of several verdicts; `present` for none, of which nothing could be proven. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  return order.find((candidate) => verdicts.includes(candidate)) ?? "present";
}
