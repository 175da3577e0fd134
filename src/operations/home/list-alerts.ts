import { object, optional, picklist, strictObject, string } from "valibot";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";

const alert = object({
  id: string(),
  kind: string(),
  severity: picklist(["error", "warning"]),
  message: string(),
  advice: string(),
  plan: optional(string()),
  location: optional(string()),
  opened: string(),
});

export const listAlertsOperation = defineOperation({
  id: "listAlerts",
  summary: "List what is wrong with the backups, as it was when it was last looked for",
  method: "get",
  path: "/alerts",
  scope: "read",
  input: strictObject({}),
  output: object({ alerts: listOf(alert) }),
  async run(_, { services, place }) {
    await using notifications = await services.openNotifications(place);
    const open = await notifications.alerts.open(notifications.home);
    return {
      alerts: open.map(({ id, kind, severity, message, advice, plan, location, opened }) => {
        const at = new Date(opened).toISOString();
        return { id, kind, severity, message, advice, plan, location, opened: at };
      }),
    };
  },
});
