import { object, strictObject } from "valibot";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { alertSchema, describeAlert } from "./alert-schema.ts";

export const listAlertsOperation = defineOperation({
  id: "listAlerts",
  summary: "List what is wrong with the backups, as it was when it was last looked for",
  method: "get",
  path: "/alerts",
  scope: "read",
  input: strictObject({}),
  output: object({ alerts: listOf(alertSchema) }),
  async run(_, { services, place }) {
    await using notifications = await services.openNotifications(place);
    const open = await notifications.alerts.open(notifications.home);
    return { alerts: open.map(describeAlert) };
  },
});
