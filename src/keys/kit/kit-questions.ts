import { randomInt } from "node:crypto";
import { groupCount, keyGroups } from "../key-groups.ts";

/** One thing to type off the emergency kit. */
export interface KitQuestion {
  /** What to type: `Group 3 of 7`. */
  readonly label: string;
  /** True if that is what the kit says. */
  readonly isAnswer: (typed: string) => boolean;
}

/**
 * What to ask so that somebody proves that the kit is at hand: two groups of the key, chosen at random; all
 * of a password that is not in groups. Groups may be typed in small letters.
 *
 * @param pick a random whole number from 0 up to, and without, the bound
 */
export function kitQuestions(
  secret: string,
  pick: (bound: number) => number = randomInt,
): readonly KitQuestion[] {
  const groups = keyGroups(secret);
  if (groups === undefined)
    return [{ label: "The whole key", isAnswer: (typed) => typed === secret }];
  const first = pick(groupCount);
  const second = (first + 1 + pick(groupCount - 1)) % groupCount;
  return [first, second]
    .toSorted((a, b) => a - b)
    .map((at) => ({
      label: `Group ${at + 1} of ${groupCount}`,
      isAnswer: (typed) => typed.trim().toUpperCase() === groups[at],
    }));
}
