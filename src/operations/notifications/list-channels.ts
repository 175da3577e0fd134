import { object, strictObject } from "valibot";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { channelSchema, describeChannels } from "./channel-schema.ts";

export const listChannelsOperation = defineOperation({
  id: "listChannels",
  summary: "List the channels by which people are told, without their secrets",
  method: "get",
  path: "/notifications",
  scope: "admin",
  input: strictObject({}),
  output: object({ channels: listOf(channelSchema) }),
  async run(_, { services, place }) {
    await using open = await services.openNotifications(place);
    return { channels: await describeChannels(open) };
  },
});
