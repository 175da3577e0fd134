import type { CopyFacts } from "../model/copy.ts";
import { readableDate } from "./readable-date.ts";
import type { LeftAlone } from "./retention-reason.ts";

/**
 * Why a rule must not touch a copy; empty if it may. Whatever is not known for sure protects: after the
 * catalogue was rebuilt nothing is removed for want of memory.
 *
 * A date after now protects too. Of a clock that is put back, all older copies lie ahead and stay; what was
 * made while it was ahead does not push out what is made once it is right again.
 * @param now milliseconds since 1970
 */
export function reasonsToLeaveAlone(
  copy: CopyFacts,
  { now, slugIsAlone }: { readonly now: number; readonly slugIsAlone: boolean },
): readonly LeftAlone[] {
  const { owner, pinned, state } = copy;
  const date = readableDate(copy);
  const reasons: readonly (readonly [reason: LeftAlone, holds: boolean])[] = [
    ["other-owner", owner === "other"],
    ["owner-unknown", owner !== "other" && owner !== "this"],
    ["pinned", pinned === true],
    ["pin-unknown", pinned !== true && pinned !== false],
    ["not-there", state !== "present" && state !== "damaged"],
    ["date-unreadable", date === undefined],
    ["date-in-future", date !== undefined && date > now],
    ["slug-not-alone", !slugIsAlone],
  ];
  return reasons.filter(([, holds]) => holds).map(([reason]) => reason);
}
