import { picklist, strictObject } from "valibot";
import { channelKinds } from "#core/notifications/channel-fields.ts";
import { defineOperation } from "../operation.ts";
import { givenId } from "../schema/names.ts";
import { channelEntries, channelSchema, describeChannel } from "./channel-schema.ts";

export const addChannelOperation = defineOperation({
  id: "addChannel",
  summary: "Add a channel by which people are told",
  method: "post",
  path: "/notifications",
  scope: "admin",
  input: strictObject({ id: givenId, kind: picklist(channelKinds), ...channelEntries }),
  output: channelSchema,
  async run({ name, ...draft }, { services, place }) {
    await using open = await services.openNotifications(place);
    await open.channels.add({ ...draft, name: name ?? `${draft.kind} notifications` });
    return await describeChannel(open, draft.id);
  },
});
