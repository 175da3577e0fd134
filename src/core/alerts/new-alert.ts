import type { Alert } from "./alert.ts";

type AlertParts = Pick<Alert, "kind" | "severity" | "message" | "advice"> &
  Partial<Pick<Alert, "plan" | "location" | "about">>;

/** What was told by others, such as the output of a command, may be long. */
const longestMessage = 500;

/**
 * An alert whose id is made of its kind and of the plan and location that it is about. Its message becomes one line, for
 * it stands in subjects and titles.
 */
export function newAlert(parts: AlertParts): Alert {
  const { plan, location, about = [] } = parts;
  // A subject that is absent leaves its place: a plan and a location of one name are not the same.
  const subjects = [plan, location].map((subject) =>
    encodeURIComponent((subject ?? "").toWellFormed()),
  );
  const id = [parts.kind, ...subjects].join(":").replace(/:+$/u, "");
  return { ...parts, message: oneLine(parts.message), id, plan, location, about };
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/gu, " ").trim();
  return line.length <= longestMessage ? line : `${line.slice(0, longestMessage).toWellFormed()}…`;
}
