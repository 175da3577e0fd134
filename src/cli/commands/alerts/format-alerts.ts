import type { DescribedAlert } from "#operations/alerts/alert-schema.ts";
import { printable } from "../../output/table.ts";

/** What is wrong and what to do next, for people. */
export function formatAlerts(alerts: readonly DescribedAlert[]): string {
  if (alerts.length === 0) return "No alert is open\n";
  return alerts
    .flatMap(({ severity, message, advice, opened }) => [
      `${severity}: ${message}`,
      `  ${advice}`,
      `  Since ${opened.slice(0, 16).replace("T", " ")}`,
    ])
    .map((line) => `${printable(line)}\n`)
    .join("");
}
