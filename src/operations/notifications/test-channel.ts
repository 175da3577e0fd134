import { object, strictObject, string } from "valibot";
import { testNotification } from "#core/notifications/test-notification.ts";
import { findChannel } from "#jobs/alerts/find-channel.ts";
import { defineOperation } from "../operation.ts";
import { idReference } from "../schema/names.ts";

export const testChannelOperation = defineOperation({
  id: "testChannel",
  summary: "Send a real message through a channel, and say why if that fails",
  method: "post",
  path: "/notifications/{channel}/test",
  scope: "admin",
  input: strictObject({ channel: idReference }),
  output: object({ id: string(), destination: string() }),
  async run({ channel: id }, { services, place, signal }) {
    await using open = await services.openNotifications(place);
    const found = await findChannel(open.channels, id);
    const channel = open.openChannel(found);
    await channel.send(testNotification(found.name, Date.now()), signal);
    return { id, destination: channel.destination };
  },
});
