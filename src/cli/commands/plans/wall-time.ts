/** A moment by the wall clock of a zone: `Mon 2026-11-23 03:00`. @param at ISO 8601, or milliseconds since 1970 */
export function wallTime(at: string | number, zone: string): string {
  const instant =
    typeof at === "number" ? Temporal.Instant.fromEpochMilliseconds(at) : Temporal.Instant.from(at);
  const time = instant.toZonedDateTimeISO(zone);
  const weekday = time.toLocaleString("en", { weekday: "short" });
  const clock = time.toPlainTime().toString({ smallestUnit: "minute" });
  return `${weekday} ${time.toPlainDate().toString()} ${clock}`;
}

/** Name of this machine's time zone, such as `Europe/Berlin`. */
export function machineZone(): string {
  return Temporal.Now.timeZoneId();
}
