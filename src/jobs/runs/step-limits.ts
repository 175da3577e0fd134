import type { StepLimits } from "./attempt-step.ts";

/** The check of a large database on a slow disk may take long after its last byte was read. */
export const stepLimits: StepLimits = { stallInMs: 30 * 60_000, stopInMs: 8000 };
