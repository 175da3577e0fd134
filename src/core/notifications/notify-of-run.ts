import type { Run, Step } from "../model/run.ts";
import { runState } from "../run/run-state.ts";
import type { Notification } from "./notification.ts";

const minute = 60_000;
const hour = 60 * minute;

/**
 * What programs that watch for runs are told of one: that it began, or how it ended. Undefined for one that
 * somebody cancelled or that nobody has planned: whoever asked for it looks after it.
 * @param planName for people
 * @param now milliseconds since 1970
 */
export function notifyOfRun(run: Run, planName: string, now: number): Notification | undefined {
  if (run.trigger.kind !== "plan") return undefined;
  const about = {
    at: now,
    plan: run.trigger.plan,
    location: undefined,
    alert: undefined,
    run: run.id,
  };
  if (run.ended === undefined) {
    // A beginning that is told late would look as if the run had begun late.
    const title = `Backup of plan ${planName} began`;
    const expires = now + 10 * minute;
    const told = { title, text: "", severity: "info", event: "run-started" } as const;
    return { ...about, ...told, id: `${run.id} began`, expires };
  }
  const state = runState(run);
  if (state === "cancelled") return undefined;
  const ended = { id: `${run.id} ended`, expires: now + 24 * hour, text: textOf(run) };
  if (state === "done") {
    const title = `Backup of plan ${planName} succeeded`;
    return { ...about, ...ended, title, severity: "info", event: "run-succeeded" };
  }
  const how = state === "incomplete" ? "succeeded only in part" : "failed";
  const title = `Backup of plan ${planName} ${how}`;
  return { ...about, ...ended, title, severity: "error", event: "run-failed" };
}

function textOf({ backup, steps }: Run): string {
  const made = backup === undefined ? [] : [`Backup ${backup.slug} "${backup.name}"`];
  return [...made, ...steps.map(lineOf)].join("\n");
}

function lineOf({ kind, location, state, error }: Step): string {
  return `${kind} at ${location}: ${state}${error === undefined ? "" : `, ${error.message}`}`;
}
