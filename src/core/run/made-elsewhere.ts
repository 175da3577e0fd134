import type { Run } from "../model/run.ts";

/**
 * The run after its archive came to be at another of its locations than it was to be made at: making is about that one,
 * and the first gets a copy. Nothing changes once more than making has begun.
 */
export function madeElsewhere(run: Run, location: string): Run {
  const [make, ...others] = run.steps;
  const arrival = others.find((step) => step.kind === "deliver" && step.location === location);
  if (make?.kind !== "make" || make.state !== "running" || arrival === undefined) return run;
  if (others.some(({ state }) => state !== "queued")) return run;
  const there = others.filter((step) => step.location === location && step !== arrival);
  const elsewhere = others.filter((step) => step.location !== location);
  return {
    ...run,
    steps: [{ ...make, location }, ...there, { ...arrival, location: make.location }, ...elsewhere],
  };
}
