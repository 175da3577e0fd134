import type { AlertFacts, OpenRunFacts } from "./alert-facts.ts";
import type { Alert, AlertEvent, AlertKind, AlertNews, OpenAlert } from "./alert.ts";
import { findAlerts } from "./find-alerts.ts";
import { reminderPause } from "./reminder-pause.ts";

/** What has become of the alerts, and what people are told of it. */
export interface AdvancedAlerts {
  readonly open: readonly OpenAlert[];
  readonly news: readonly AlertNews[];
}

/**
 * Brings the open alerts up to what is known now. What is found for the first time opens; what goes on is told
 * again when it gets worse, and as a reminder after pauses that grow; what is not found any more has ended, and
 * is told once more.
 *
 * • Of what is not known nothing ends.
 * • While a run is at work on a plan or at a location, nothing about these ends: an alert changes its mind at most
 * once in a run. It may open, since a run that hangs must not hide that the last good backup is old.
 *
 * @param before those that were open when this was last asked
 * @param now milliseconds since 1970
 */
export function advanceAlerts(
  before: readonly OpenAlert[],
  facts: AlertFacts,
  now: number,
): AdvancedAlerts {
  const found = findAlerts(facts, now);
  const present = new Map(
    Object.values(found).flatMap((alerts) => (alerts ?? []).map((alert) => [alert.id, alert])),
  );
  const known = new Map(before.map((alert) => [alert.id, alert]));
  const isKnown = (kind: AlertKind): boolean => found[kind] !== undefined;
  const stays = (alert: Alert): boolean =>
    present.has(alert.id) || !isKnown(alert.kind) || isHeld(alert, facts.openRuns);
  const gone = before.filter((alert) => !stays(alert));
  const going = before
    .filter(stays)
    .map((alert) => goOn(alert, present.get(alert.id) ?? alert, now));
  const opened = [...present.values()]
    .filter(({ id }) => !known.has(id))
    .map((alert) => tell("opened", { ...alert, opened: now, told: 0, lastTold: now }, now));
  const changes: readonly AlertChange[] = [...going, ...opened];
  return {
    open: changes.map(({ alert }) => alert),
    news: [
      ...changes.flatMap(({ event, alert }) => (event === undefined ? [] : [{ event, alert }])),
      ...gone.map((alert) => ({ event: "recovered" as const, alert })),
    ],
  };
}

interface AlertChange {
  /** Undefined if nobody is told. */
  readonly event: AlertEvent | undefined;
  readonly alert: OpenAlert;
}

function goOn(before: OpenAlert, present: Alert, now: number): AlertChange {
  const { opened, told } = before;
  // A clock that was set back must not put off reminders by as much.
  const lastTold = Math.min(before.lastTold, now);
  const alert = { ...present, opened, told, lastTold };
  if (alert.about.some((name) => !before.about.includes(name))) return tell("worse", alert, now);
  if (now - lastTold >= reminderPause(told)) return tell("reminder", alert, now);
  return { event: undefined, alert };
}

function tell(event: AlertEvent, alert: OpenAlert, now: number): AlertChange {
  return { event, alert: { ...alert, told: alert.told + 1, lastTold: now } };
}

/** True if a run is at work on what the alert is about. */
function isHeld({ plan, location }: Alert, runs: readonly OpenRunFacts[]): boolean {
  return runs.some((run) => {
    if (location !== undefined && run.locations.includes(location)) return true;
    return plan !== undefined && run.plan === plan;
  });
}
