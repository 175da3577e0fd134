import { systemOptimal } from "#core/model/schedule.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { atMostOne } from "./at-most-one.ts";
import { fieldsOf, stated } from "./document-fields.ts";
import type { PlanFlags } from "./plan-options.ts";
import { numberIn } from "./number-in.ts";

/** The schedule of a plan's document with what flags say of it; undefined if there is none. */
export function changedSchedule(before: unknown, flags: PlanFlags, zone: string): unknown {
  const { daily, weekdays, monthly, cron, onRequest } = flags;
  atMostOne({
    "--daily": daily,
    "--weekdays": weekdays,
    "--monthly": monthly,
    "--cron": cron,
    "--on-request": onRequest,
  });
  atMostOne({ "--daily": daily, "--at": flags.at });
  atMostOne({ "--cron": cron, "--at": flags.at });
  if (onRequest === true) return undefined;
  const times = timesOf(flags) ?? timesBefore(before, flags);
  if (times === undefined) return undefined;
  const fields = fieldsOf(before);
  return stated({
    ...times,
    zone: flags.zone ?? fields["zone"] ?? zone,
    jitterMinutes: numberIn(flags.jitter) ?? fields["jitterMinutes"],
  });
}

/** Undefined if the flags say nothing of times. */
function timesOf({ daily, weekdays, monthly, cron, at = systemOptimal }: PlanFlags): unknown {
  if (daily !== undefined) return { recurrence: "daily", time: daily };
  if (weekdays !== undefined) {
    const days = weekdays.map((day) => day.toLowerCase());
    return { recurrence: "weekdays", days, time: at };
  }
  if (monthly !== undefined) return { recurrence: "monthly", day: numberIn(monthly), time: at };
  return cron === undefined ? undefined : { recurrence: "cron", expression: cron };
}

function timesBefore(before: unknown, { at, jitter }: PlanFlags): unknown {
  const { zone: _, jitterMinutes: __, ...times } = fieldsOf(before);
  if (before !== undefined && before !== null)
    return at === undefined ? times : { ...times, time: at };
  if (at === undefined && jitter === undefined) return undefined;
  const alone = at === undefined ? "--jitter" : "--at";
  throw new SafehouseError("usage", `${alone} needs a schedule`, {
    advice: "Say when with --daily, --weekdays, --monthly or --cron",
  });
}
