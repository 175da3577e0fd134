import { strictObject } from "valibot";
import { defineOperation } from "../operation.ts";
import { idReference } from "../schema/names.ts";
import { channelEntries, channelSchema, describeChannel } from "./channel-schema.ts";

export const changeChannelOperation = defineOperation({
  id: "changeChannel",
  summary: "Change a channel; what is not named stays, and a setting that is null goes",
  method: "patch",
  path: "/notifications/{channel}",
  scope: "admin",
  input: strictObject({ channel: idReference, ...channelEntries }),
  output: channelSchema,
  async run({ channel: id, name, settings: given, events, plans }, { services, place }) {
    await using open = await services.openNotifications(place);
    await open.channels.change(id, (before) => {
      const settings = Object.entries({ ...before.settings, ...given });
      return {
        ...before,
        name: name ?? before.name,
        events: events ?? before.events,
        plans: plans ?? before.plans,
        settings: Object.fromEntries(settings.filter(([, value]) => value !== null)),
      };
    });
    return await describeChannel(open, id);
  },
});
