import type { Alert } from "./alert.ts";

type AlertParts = Pick<Alert, "kind" | "severity" | "message" | "advice"> &
  Partial<Pick<Alert, "plan" | "location" | "about">>;

/** An alert whose id is made of its kind and of the plan and location that it is about. */
export function newAlert(parts: AlertParts): Alert {
  const { plan, location, about = [] } = parts;
  // A subject that is absent leaves its place: a plan and a location of one name are not the same.
  const subjects = [plan, location].map((subject) =>
    encodeURIComponent((subject ?? "").toWellFormed()),
  );
  const id = [parts.kind, ...subjects].join(":").replace(/:+$/u, "");
  return { ...parts, id, plan, location, about };
}
