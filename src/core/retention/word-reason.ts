import type { LeftAlone, RetentionReason } from "./retention-reason.ts";
import type { GenerationName } from "./retention-rule.ts";

/** A reason in English, as a sentence without full stop. */
export function wordReason(reason: RetentionReason): string {
  switch (reason.kind) {
    case "left-alone":
      return leftAlone[reason.because];
    case "no-limit":
      return "No limit is set, so every backup is kept";
    case "newest":
      return newest[reason.among];
    case "nothing-better":
      return "It is damaged, and no newer backup is good";
    case "copies":
      return reason.place <= reason.of
        ? `Backup ${reason.place} of the newest ${reason.of}`
        : `Not among the newest ${reason.of}: it is number ${reason.place}`;
    case "days":
      return reason.place <= reason.of
        ? `Day ${reason.place} of ${reason.of}`
        : `Older than ${reason.of} days, not counting long pauses without backups: day ${reason.place}`;
    case "generation":
      return wordGeneration(reason);
    case "replaced":
      return `Backup ${reason.by} is kept for the ${units[reason.generation]} ${reason.period}`;
  }
}

function wordGeneration({
  generation,
  period,
  place,
  of,
}: Extract<RetentionReason, { readonly kind: "generation" }>): string {
  const unit = units[generation];
  return place <= of
    ? `Kept for the ${unit} ${period}: ${place} of ${of}`
    : `The ${unit} ${period} is not among the newest ${of} with backups: it is number ${place}`;
}

const units: Readonly<Record<GenerationName, string>> = {
  hourly: "hour",
  daily: "day",
  weekly: "week",
  monthly: "month",
  yearly: "year",
};

const newest = {
  proven: "The newest verified backup is always kept",
  good: "The newest backup that could be read is always kept",
  all: "The newest backup is always kept",
} as const;

const leftAlone: Readonly<Record<LeftAlone, string>> = {
  "other-owner": "It belongs to another installation",
  "owner-unknown": "It is not known which installation it belongs to",
  pinned: "It is marked to be kept",
  "pin-unknown": "It is not known whether it is marked to be kept",
  "not-there": "Nothing lies at the location that could be removed",
  "date-unreadable": "Its date cannot be read",
  "date-in-future": "Its date is in the future",
  "other-plan": "It was made by another plan, or by hand",
  "slug-not-alone": "Another backup at the location has the same slug",
};
