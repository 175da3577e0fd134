import { advanceAlerts } from "#core/alerts/advance-alerts.ts";
import type { AlertFacts } from "#core/alerts/alert-facts.ts";
import type { AlertNews } from "#core/alerts/alert.ts";
import { notifyOfAlert } from "#core/notifications/notify-of-alert.ts";
import { deliveriesTo, type TellingTools } from "./telling-tools.ts";

/**
 * Brings the open alerts up to what is known, and puts into the queues of the channels what is told of it. Returns
 * that. Rejects as the store does.
 */
export async function checkAlerts(
  facts: AlertFacts,
  { store, home, clock, channels }: TellingTools,
): Promise<readonly AlertNews[]> {
  const now = clock.now();
  let news: readonly AlertNews[] = [];
  await store.change(home, (before) => {
    const next = advanceAlerts(before, facts, now);
    news = next.news;
    const deliveries = news.flatMap((item) =>
      deliveriesTo(channels, notifyOfAlert(item, now), now),
    );
    return { open: next.open, deliveries };
  });
  return news;
}
