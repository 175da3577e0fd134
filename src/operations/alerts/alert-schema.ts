import { nullable, object, picklist, string, type InferOutput } from "valibot";
import type { OpenAlert } from "#core/alerts/alert.ts";
import { listOf } from "../schema/list-of.ts";

/** An open alert. */
export const alertSchema = object({
  id: string(),
  kind: string(),
  severity: picklist(["error", "warning"]),
  message: string(),
  advice: string(),
  plan: nullable(string()),
  location: nullable(string()),
  about: listOf(string()),
  opened: string(),
});

export type DescribedAlert = InferOutput<typeof alertSchema>;

export function describeAlert(alert: OpenAlert): DescribedAlert {
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
