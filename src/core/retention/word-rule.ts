import { generationNames, statesAnything, type RetentionRule } from "./retention-rule.ts";
import type { GenerationName } from "./retention-rule.ts";

/** What a rule keeps, in English, as the end of a sentence: `the newest 7, and one of each of 8 weeks`. */
export function wordRule(rule: RetentionRule | undefined): string {
  if (rule === undefined || !statesAnything(rule)) return "every backup";
  const { copies, days, generations } = rule;
  const kept = [
    ...(copies === undefined ? [] : [copies === 1 ? "the newest" : `the newest ${copies}`]),
    ...(days === undefined ? [] : [`those of ${count(days, "day")}`]),
    ...generationNames.flatMap((name) => {
      const of = generations[name];
      return of === undefined ? [] : [`one of each of ${count(of, units[name])}`];
    }),
  ];
  return kept.join(", ").replace(/, ([^,]*)$/u, " and $1");
}

const units: Readonly<Record<GenerationName, string>> = {
  hourly: "hour",
  daily: "day",
  weekly: "week",
  monthly: "month",
  yearly: "year",
};

function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? "" : "s"}`;
}
