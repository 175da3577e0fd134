import type { GenerationName } from "./retention-rule.ts";

/** Why a copy is none of the rule's business. It stays, and takes no place from another. */
export type LeftAlone =
  | "other-owner"
  | "owner-unknown"
  | "pinned"
  | "pin-unknown"
  /** Nothing lies at the location: queued, being sent or missing. */
  | "not-there"
  | "date-unreadable"
  /** Dated after now: the clock was wrong when it was made, or is now. */
  | "date-in-future"
  /** The rule is about the backups of one plan, or about those without one, and it is none of them. */
  | "other-plan"
  /** Several copies have its slug, so none of them can be removed by it. */
  | "slug-not-alone";

/** What one condition of the rule says of a copy. It keeps the copy if `place` is at most `of`. */
export type Placing =
  /** The copy is the `place`-th newest. */
  | { readonly kind: "copies"; readonly place: number; readonly of: number }
  /** The copy is in its `place`-th day. */
  | { readonly kind: "days"; readonly place: number; readonly of: number }
  /** The copy lies in the `place`-th newest period that has one, and if it is kept, it stands for it. */
  | {
      readonly kind: "generation";
      readonly generation: GenerationName;
      /** See `LocalPeriod`. */
      readonly period: string;
      readonly place: number;
      readonly of: number;
    }
  /** The period is kept, and another copy stands for it. */
  | {
      readonly kind: "replaced";
      readonly generation: GenerationName;
      readonly period: string;
      /** Slug of the other copy. */
      readonly by: string;
    };

/** Why a copy stays or goes. */
export type RetentionReason =
  | { readonly kind: "left-alone"; readonly because: LeftAlone }
  /** The rule states nothing, so that it keeps everything. */
  | { readonly kind: "no-limit" }
  /** The newest of the proven copies, of the good ones, or of all that are not bad; never removed. */
  | { readonly kind: "newest"; readonly among: "proven" | "good" | "all" }
  /** Damaged or failed, and no newer copy is good. */
  | { readonly kind: "nothing-better" }
  | Placing;

/** Whether a reason is one to keep a copy; else it is one to let it go. */
export function keeps(reason: RetentionReason): boolean {
  switch (reason.kind) {
    case "copies":
    case "days":
    case "generation":
      return reason.place <= reason.of;
    case "replaced":
      return false;
    case "left-alone":
    case "no-limit":
    case "newest":
    case "nothing-better":
      return true;
  }
}
