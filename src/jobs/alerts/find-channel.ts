import { SafehouseError } from "#core/model/problem.ts";
import type { Channel } from "#core/notifications/channel.ts";
import type { ChannelStore } from "#jobs/channel-store-port.ts";

/** The channel of that id. Rejects with `not-found`, or with why it cannot be used. */
export async function findChannel(channels: ChannelStore, id: string): Promise<Channel> {
  const stored = (await channels.list()).find((candidate) => candidate.id === id);
  if (stored?.problem !== undefined) throw stored.problem;
  if (stored?.channel !== undefined) return stored.channel;
  throw new SafehouseError("not-found", `There is no channel ${id}`, {
    subject: id,
    advice: "See what there is: safehouse notifications list",
  });
}
