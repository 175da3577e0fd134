import { groupCount, keyGroups } from "../key-groups.ts";

/** One thing to type off the emergency kit. */
export interface KitQuestion {
  /** Number of the group from 1 on; undefined for all of a password. */
  readonly group: number | undefined;
  /** What to type: `Group 3 of 7`. */
  readonly label: string;
  /** True if that is what the kit says; groups may be typed in small letters. */
  readonly isAnswer: (typed: string) => boolean;
}

/** The question for one group of a key, or for all of it. Whoever asks for a group that is not there is never right. */
export function kitQuestion(secret: string, group: number | undefined): KitQuestion {
  if (group === undefined)
    return { group, label: "The whole key", isAnswer: (typed) => typed === secret };
  const answer = keyGroups(secret)?.[group - 1];
  return {
    group,
    label: `Group ${group} of ${groupCount}`,
    isAnswer: (typed) => typed.trim().toUpperCase() === answer,
  };
}
