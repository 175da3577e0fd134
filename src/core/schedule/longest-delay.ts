import { systemOptimal, type Schedule } from "../model/schedule.ts";

/** Home Assistant starts a backup at the "system optimal" time up to so many seconds late. */
const optimalWindow = 3600;

/** By how much chance can delay a run of a schedule, in seconds. */
export function longestDelay(schedule: Schedule): number {
  const optimal = schedule.recurrence !== "cron" && schedule.time === systemOptimal;
  return (optimal ? optimalWindow : 0) + schedule.jitterMinutes * 60;
}
