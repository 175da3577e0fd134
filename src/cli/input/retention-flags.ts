import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import { parseRetentionRule } from "#core/retention/parse-retention-rule.ts";
import {
  generationNames,
  statesAnything,
  type RetentionRule,
} from "#core/retention/retention-rule.ts";

/** A rule as a person states it on the command line. */
export interface RetentionFlags {
  readonly keepCopies?: number;
  readonly keepDays?: number;
  readonly keepHourly?: number;
  readonly keepDaily?: number;
  readonly keepWeekly?: number;
  readonly keepMonthly?: number;
  readonly keepYearly?: number;
  readonly longestPause?: number;
  readonly zone?: string;
}

/** Options that say what a rule keeps; a backup stays if any of them keeps it. */
export function addRetentionOptions(command: Command): Command {
  command
    .option("--keep-copies <n>", "keep the newest so many", Number)
    .option(
      "--keep-days <n>",
      "keep what is younger than so many days, seen from the newest",
      Number,
    );
  for (const name of generationNames)
    command.option(
      `--keep-${name} <n>`,
      `keep one for each of the newest so many ${units[name]}`,
      Number,
    );
  return command
    .option(
      "--longest-pause <hours>",
      "hours that the plan leaves between two backups; longer pauses do not count as days (default: 25)",
      Number,
    )
    .option("--zone <zone>", "time zone in which days begin (default: the system's)");
}

/** The rule that the flags state. Throws `usage` for one that is none, or that states nothing. */
export function retentionRule(flags: RetentionFlags): RetentionRule {
  const { keepCopies: copies, keepDays: days, longestPause: longestPauseInHours } = flags;
  const zone = flags.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const { keepHourly, keepDaily, keepWeekly, keepMonthly, keepYearly } = flags;
  const counts = {
    hourly: keepHourly,
    daily: keepDaily,
    weekly: keepWeekly,
    monthly: keepMonthly,
    yearly: keepYearly,
  };
  const rule = parseRetentionRule({ copies, days, longestPauseInHours, generations: counts, zone });
  if (statesAnything(rule)) return rule;
  throw new SafehouseError("usage", "Nothing is said about what to keep", {
    advice: "Say it with --keep-copies, --keep-days or --keep-daily and the like",
  });
}

const units = {
  hourly: "hours",
  daily: "days",
  weekly: "weeks",
  monthly: "months",
  yearly: "years",
} as const;
