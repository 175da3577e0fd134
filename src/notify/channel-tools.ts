import type { Clock } from "#core/ports.ts";
import type { StartTimer } from "#jobs/runs/run-tools.ts";

/** What channels work with. */
export interface ChannelTools {
  readonly clock: Clock;
  readonly startTimer: StartTimer;
  /** So long the other side may show no progress at all, in milliseconds. */
  readonly limitInMs: number;
}
