/**
 * When the wall clock of a zone shows this time, in milliseconds since 1970.
 *
 * A time that the clock skips counts as the first moment after the gap (02:30 becomes 03:00), as cron
 * and Home Assistant have it; one that it shows twice counts the first time. Undefined for a time of a
 * date that the zone has left out altogether, such as 30 December 2011 on Samoa.
 */
export function momentAt(wallTime: Temporal.PlainDateTime, zone: string): number | undefined {
  const found = wallTime.toZonedDateTime(zone, { disambiguation: "earlier" });
  if (found.toPlainDateTime().equals(wallTime)) return found.epochMilliseconds;
  const date = wallTime.toPlainDate();
  if (!date.toZonedDateTime(zone).toPlainDate().equals(date)) return undefined;
  // In a gap "earlier" gives a moment before it, which the gap follows.
  return found.getTimeZoneTransition("next")?.epochMilliseconds;
}
