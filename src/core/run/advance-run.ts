import type { LogLine, Run, Step } from "../model/run.ts";
import { madeElsewhere } from "./made-elsewhere.ts";
import { hasWhatItNeeds, neededStep } from "./needed-step.ts";
import { percentDone } from "./percent-done.ts";
import type { RunEvent } from "./run-event.ts";
import { hasEnded } from "./run-state.ts";

/**
 * The run after an event. An event that cannot follow on what has happened changes nothing: work that was
 * given up may still report, and two processes may learn of the same death. What has ended never changes.
 */
export function advanceRun(run: Run, event: RunEvent): Run {
  if (run.ended !== undefined) return run;
  const advanced = withFacts(
    { ...run, steps: run.steps.map((step, number) => advanceStep(step, number, { run, event })) },
    event,
  );
  return "at" in event ? settled(advanced, event.at) : advanced;
}

function withFacts(run: Run, event: RunEvent): Run {
  switch (event.kind) {
    case "named":
      return { ...run, backup: event.backup };
    case "made-elsewhere":
      return madeElsewhere(run, event.location);
    case "cancel-asked":
      return { ...run, cancelAsked: run.cancelAsked ?? event.at };
    case "adopted":
      return { ...run, owner: event.owner, beat: event.at };
    default:
      return run;
  }
}

type StepEvent = Extract<RunEvent, { readonly step: number }>;

interface Happening {
  /** Before the event. */
  readonly run: Run;
  readonly event: RunEvent;
}

function advanceStep(step: Step, number: number, { run, event }: Happening): Step {
  if (hasEnded(step)) return step;
  if ("step" in event) return event.step === number ? advanceOwn(step, run, event) : step;
  return advanceWithRun(step, run, event);
}

/** An event of the whole run, for a step that has not ended. */
function advanceWithRun(step: Step, run: Run, event: Exclude<RunEvent, StepEvent>): Step {
  switch (event.kind) {
    case "cancel-asked":
      return step.state === "running" ? step : ended(step, "cancelled", event.at);
    case "owner-died":
      return step.state === "running" ? interrupted(step, run, event) : step;
    case "abandoned":
      return abandoned(step, event.at);
    case "named":
    case "made-elsewhere":
    case "adopted":
      return step;
  }
}

/** An event of this very step, which has not ended. */
function advanceOwn(step: Step, run: Run, event: StepEvent): Step {
  if (event.kind === "logged") return withLine(step, event);
  if (event.kind === "started") {
    const { at, step: number } = event;
    if (step.state === "running" || !hasWhatItNeeds(run, number)) return step;
    const attempts = step.attempts + 1;
    const begun = { attempts, started: at, progress: undefined, retryAt: undefined };
    return { ...step, ...begun, state: "running" };
  }
  if (step.state !== "running") return step;
  switch (event.kind) {
    case "progressed":
      return { ...step, progress: event.progress };
    case "done":
      return { ...ended(step, "done", event.at), error: undefined };
    case "stopped":
      return ended(step, "cancelled", event.at);
    case "failed": {
      const { at, error, retryAt } = event;
      const failed = withLine({ ...step, error }, { at, text: error.message });
      if (retryAt === undefined || run.cancelAsked !== undefined)
        return ended(failed, "failed", at);
      return { ...failed, state: "waiting-to-retry", retryAt };
    }
  }
}

function interrupted(
  step: Step,
  run: Run,
  { at, made, aftermath }: Extract<RunEvent, { readonly kind: "owner-died" }>,
): Step {
  if (step.kind === "make" && made) {
    const text = "Its process ended before it could say so; the archive is there";
    return ended(withLine(step, { at, text }), "done", at);
  }
  const percent = percentDone(step);
  const where = percent === undefined ? step.kind : `${percent} % of ${step.kind}`;
  const text = aftermath[step.location] ?? "nobody has looked for its leftovers yet";
  const message = `The process that ran it ended at ${where}; ${text}`;
  if (run.cancelAsked !== undefined)
    return ended(withLine(step, { at, text: message }), "cancelled", at);
  const error = { problem: "interrupted", message } as const;
  // What was being made is of a moment that has passed; everything else can be begun anew.
  if (step.kind === "make" || step.attempts >= mostInterruptions)
    return { ...ended(step, "failed", at), error };
  return {
    ...withLine(step, { at, text: message }),
    state: "waiting-to-retry",
    retryAt: at,
    error,
  };
}

/** A step that took its process with it so often is left alone. */
const mostInterruptions = 3;

/** Nobody goes on with it; one that has failed before has failed for good. */
function abandoned(step: Step, at: number): Step {
  if (step.state === "running") return step;
  if (step.attempts > 0) return ended(step, "failed", at);
  const text = "Nobody went on with it after its process had ended";
  return ended(withLine(step, { at, text }), "skipped", at);
}

/** Skips what can no longer begin, and ends the run with its last step. */
function settled(run: Run, at: number): Run {
  const steps: Step[] = [];
  for (const [number, step] of run.steps.entries()) {
    const needed = steps[neededStep(run.steps, number) ?? number];
    const isHopeless =
      needed !== undefined && hasEnded(needed) && needed.state !== "done" && !hasEnded(step);
    if (!isHopeless) steps.push(step);
    else {
      const text = `Not begun, because ${needed.kind} at ${needed.location} ${fate(needed)}`;
      steps.push(ended(withLine(step, { at, text }), "skipped", at));
    }
  }
  return { ...run, steps, ended: steps.every(hasEnded) ? at : undefined };
}

function fate({ state }: Step): string {
  return state === "failed" ? "has failed" : `was ${state}`;
}

function ended(step: Step, state: Step["state"], at: number): Step {
  return { ...step, state, ended: at, retryAt: undefined };
}

const longestLog = 50;
const longestLine = 500;

function withLine(step: Step, { at, text }: LogLine): Step {
  const line = { at, text: text.slice(0, longestLine) };
  return { ...step, log: [...step.log, line].slice(-longestLog) };
}
