import { randomInt } from "node:crypto";
import { groupCount, keyGroups } from "../key-groups.ts";
import { kitQuestion, type KitQuestion } from "./kit-question.ts";

/**
 * What to ask so that somebody proves that the kit is at hand: two groups of the key, chosen at random; all
 * of a password that is not in groups.
 *
 * @param pick a random whole number from 0 up to, and without, the bound
 */
export function kitQuestions(
  secret: string,
  pick: (bound: number) => number = randomInt,
): readonly KitQuestion[] {
  if (keyGroups(secret) === undefined) return [kitQuestion(secret, undefined)];
  const first = pick(groupCount);
  const second = (first + 1 + pick(groupCount - 1)) % groupCount;
  return [first, second].toSorted((a, b) => a - b).map((at) => kitQuestion(secret, at + 1));
}
