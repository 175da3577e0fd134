import { object, picklist, strictObject } from "valibot";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { alertSchema, describeAlert } from "./alert-schema.ts";

const event = picklist(["opened", "worse", "reminder", "recovered"]);

export const checkAlertsOperation = defineOperation({
  id: "checkAlerts",
  summary: "Look what is wrong now, tell the channels what is new, and list it",
  method: "post",
  path: "/alerts/check",
  scope: "backup",
  input: strictObject({}),
  output: object({
    alerts: listOf(alertSchema),
    /** What the channels are told of now. */
    news: listOf(object({ event, alert: alertSchema })),
  }),
  async run(_, { services, place, signal }) {
    await using notifications = await services.openNotifications(place);
    const news = await notifications.check(signal);
    const open = await notifications.alerts.open(notifications.home);
    return {
      alerts: open.map(describeAlert),
      news: news.map((item) => ({ event: item.event, alert: describeAlert(item.alert) })),
    };
  },
});
