import type { VerifyReport } from "#archive/verify/verify-report.ts";
import type { CopyOutcome } from "../delivery/copy-outcome.ts";
import type { EntryNote } from "#core/model/part-event.ts";

/** What became of one part. */
export interface BackedUpPart {
  readonly part: string;
  readonly status: "complete" | "warnings" | "failed";
  readonly files: number;
  /** Source bytes. */
  readonly bytes: number;
  /** Bytes in the archive. */
  readonly storedBytes: number;
  readonly notes: readonly EntryNote[];
  /** Why it failed; undefined if it did not. */
  readonly error: string | undefined;
}

export interface BackupResult {
  /**
   * `complete`: everything that was wanted is in it. `warnings`: single files were left out or fixed up.
   * `incomplete`: a whole part is missing.
   */
  readonly status: "complete" | "warnings" | "incomplete";
  readonly slug: string;
  readonly name: string;
  readonly date: string;
  readonly type: "full" | "partial";
  readonly protected: boolean;
  readonly location: string;
  readonly fileName: string;
  /** Bytes of the archive. */
  readonly size: number;
  readonly parts: readonly BackedUpPart[];
  /** Where it was made; undefined if it was not read back there. */
  readonly verified: VerifyReport | undefined;
  readonly seconds: number;
  /** Seconds that reading back took. */
  readonly verifySeconds: number;
  /** Id of the run. */
  readonly run: string;
  /** What became of the copy at each location; the first is where it was made. */
  readonly copies: readonly CopyOutcome[];
}
