import type { Clock, Log } from "#core/ports.ts";
import { visibleRecords } from "#jobs/inbox/found-in-inbox.ts";
import type { HomeLocations } from "#jobs/locations/home-locations.ts";
import { atLocation } from "#operations/at-location.ts";
import type { HomeContext } from "#operations/home-context.ts";
import type { LocalHome } from "../local-home.ts";

const day = 24 * 60 * 60_000;
/** What was set aside is of use to nobody after this time, and may be large. */
const asideForMs = 30 * day;
/** What lies nowhere any more is not shown; so long it may come back, with the disk that it was on. */
const hiddenForMs = 30 * day;

export interface ForgetOptions {
  readonly home: LocalHome;
  readonly context: HomeContext;
  readonly clock: Clock;
  readonly log: Log;
}

/** Forgets what has lain in the inbox for a month and is no backup, or none any more. */
export async function forgetOldRecords(
  { home, context, clock, log }: ForgetOptions,
  locations: HomeLocations,
): Promise<void> {
  const records = await home.inbox.list();
  const now = clock.now();
  const visible = new Set(await visibleRecords(records, locations));
  for (const record of records) {
    const age = now - record.at;
    const isAside = record.kind === "archive" && record.state.kind === "aside";
    const isOver = (isAside && age > asideForMs) || (!visible.has(record) && age > hiddenForMs);
    if (!isOver) continue;
    if (isAside) {
      const { services } = context;
      await using open = await services.openLocation(atLocation(context, record.location));
      await open.incoming.removeAside(record.id, context.signal);
    }
    await home.inbox.remove(record);
    log.info("Something has left the inbox after a month", { file: record.path.join("/") });
  }
}
