import type { OpenAlert } from "#core/alerts/alert.ts";
import { printable } from "../../output/table.ts";

/** An alert as `--json` shows it. */
export function alertJson(alert: OpenAlert): unknown {
  const { id, kind, severity, message, advice, plan, location, about, opened } = alert;
  return {
    id,
    kind,
    severity,
    message,
    advice,
    plan: plan ?? null,
    location: location ?? null,
    about,
    opened: new Date(opened).toISOString(),
  };
}

/** What is wrong and what to do next, for people. */
export function formatAlerts(alerts: readonly OpenAlert[]): string {
  if (alerts.length === 0) return "No alert is open\n";
  return alerts
    .flatMap(({ severity, message, advice, opened }) => [
      `${severity}: ${message}`,
      `  ${advice}`,
      `  Since ${new Date(opened).toISOString().slice(0, 16).replace("T", " ")}`,
    ])
    .map((line) => `${printable(line)}\n`)
    .join("");
}
