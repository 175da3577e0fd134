import type { AlertEvent, AlertNews } from "../alerts/alert.ts";
import type { Notification, NotificationEvent } from "./notification.ts";

const day = 24 * 60 * 60_000;

/** What people are told of an alert. @param now milliseconds since 1970 */
export function notifyOfAlert({ event, alert }: AlertNews, now: number): Notification {
  const isOver = event === "recovered";
  return {
    id: `${alert.id} ${alert.opened} ${event} ${alert.told}`,
    event: eventOf[event],
    at: now,
    expires: now + 7 * day,
    severity: isOver ? "info" : alert.severity,
    title: prefixOf[event] + alert.message,
    text: isOver
      ? `It began ${dateOf(alert.opened)}.`
      : `${alert.advice}.${sinceOf(event, alert.opened)}`,
    plan: alert.plan,
    location: alert.location,
    alert: alert.id,
    run: undefined,
  };
}

const eventOf: Readonly<Record<AlertEvent, NotificationEvent>> = {
  opened: "alert",
  worse: "alert",
  reminder: "reminder",
  recovered: "recovered",
};

const prefixOf: Readonly<Record<AlertEvent, string>> = {
  opened: "",
  worse: "",
  reminder: "Still so: ",
  recovered: "No longer so: ",
};

function sinceOf(event: AlertEvent, opened: number): string {
  return event === "opened" ? "" : `\nIt began ${dateOf(opened)}.`;
}

/** Receivers are anywhere, so times are in UTC and say so. */
function dateOf(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
