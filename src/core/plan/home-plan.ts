import { SafehouseError } from "../model/problem.ts";
import type { Plan } from "../model/plan.ts";
import type { Schedule } from "../model/schedule.ts";
import { parseRetentionRule } from "../retention/parse-retention-rule.ts";
import type { RetentionRule } from "../retention/retention-rule.ts";
import { longestPauseInHours } from "../schedule/longest-pause.ts";
import { parsePlan } from "./parse-plan.ts";

/** A plan with the rules by which its locations keep backups. */
export type HomePlan = Plan<RetentionRule>;

/**
 * Reads a plan with its retention rules from JSON of the same shape. What a rule does not state it has from
 * the schedule: the time zone, and how long the pauses between two backups may be.
 * @throws SafehouseError `usage`, naming the field
 */
export function parseHomePlan(value: unknown): HomePlan {
  const plan = parsePlan(value, (rule) => rule);
  const { schedule } = plan;
  const locations = plan.locations.map(({ location, retention }) => ({
    location,
    retention: retention === undefined ? undefined : readRule(retention, { location, schedule }),
  }));
  return { ...plan, locations };
}

function readRule(
  rule: unknown,
  { location, schedule }: { readonly location: string; readonly schedule: Schedule | undefined },
): RetentionRule {
  try {
    return parseRetentionRule(completed(rule, schedule));
  } catch (error) {
    if (!(error instanceof SafehouseError)) throw error;
    const { subject, advice, message, problem } = error;
    throw new SafehouseError(problem, `At location ${location}: ${message}`, {
      ...(subject === undefined ? {} : { subject }),
      ...(advice === undefined ? {} : { advice }),
      cause: error,
    });
  }
}

function completed(rule: unknown, schedule: Schedule | undefined): unknown {
  if (schedule === undefined || typeof rule !== "object" || rule === null || Array.isArray(rule))
    return rule;
  // Finding out is worth it only where it counts.
  const pause = "days" in rule ? { longestPauseInHours: longestPauseInHours(schedule) } : {};
  return { zone: schedule.zone, ...pause, ...rule };
}
