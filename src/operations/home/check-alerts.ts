import { object, strictObject, string } from "valibot";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";

export const checkAlertsOperation = defineOperation({
  id: "checkAlerts",
  summary: "Look what is wrong now, and tell the channels what is new",
  method: "post",
  path: "/alerts/check",
  scope: "backup",
  input: strictObject({}),
  output: object({ news: listOf(object({ event: string(), alert: string(), message: string() })) }),
  async run(_, { services, place, signal }) {
    await using notifications = await services.openNotifications(place);
    const news = await notifications.check(signal);
    return {
      news: news.map(({ event, alert }) => ({ event, alert: alert.id, message: alert.message })),
    };
  },
});
