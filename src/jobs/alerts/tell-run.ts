import type { Run } from "#core/model/run.ts";
import { notifyOfRun } from "#core/notifications/notify-of-run.ts";
import { deliveriesTo, type TellingTools } from "./telling-tools.ts";

/**
 * Puts into the queues of the channels that a run of a plan began or how it ended. Telling the same again changes
 * nothing, so a run that is found again after a restart may be told again.
 * @param planName for people
 */
export async function tellRun(
  run: Run,
  planName: string,
  { store, home, clock, channels }: TellingTools,
): Promise<void> {
  const now = clock.now();
  const notification = notifyOfRun(run, planName, now);
  if (notification === undefined) return;
  const deliveries = deliveriesTo(channels, notification, now);
  if (deliveries.length > 0) await store.change(home, (open) => ({ open, deliveries }));
}
