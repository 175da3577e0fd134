import { object, strictObject, string } from "valibot";
import { defineOperation } from "../operation.ts";
import { idReference } from "../schema/names.ts";

export const removeChannelOperation = defineOperation({
  id: "removeChannel",
  summary: "Forget a channel, its secrets, and what still waits for it",
  method: "delete",
  path: "/notifications/{channel}",
  scope: "admin",
  input: strictObject({ channel: idReference }),
  output: object({ removed: string() }),
  async run({ channel: id }, { services, place }) {
    await using open = await services.openNotifications(place);
    await open.channels.remove(id);
    await open.alerts.forget(open.home, id);
    return { removed: id };
  },
});
