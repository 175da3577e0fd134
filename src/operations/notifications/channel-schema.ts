import {
  array,
  maxLength,
  nullable,
  object,
  optional,
  pipe,
  record,
  string,
  unknown,
  type InferOutput,
} from "valibot";
import { SafehouseError } from "#core/model/problem.ts";
import type { StoredChannel } from "#jobs/channel-store-port.ts";
import { listOf } from "../schema/list-of.ts";
import { shortText } from "../schema/names.ts";
import type { OpenNotifications } from "../services.ts";

/** What a channel is told to be besides its id and kind. */
export const channelEntries = {
  name: optional(shortText),
  /** By name, secrets included; they are sealed where they lie and never shown again. */
  settings: optional(record(string(), unknown()), {}),
  events: optional(pipe(array(shortText), maxLength(20))),
  plans: optional(pipe(array(shortText), maxLength(100))),
};

/** A channel; of its secrets only their names. */
export const channelSchema = object({
  id: string(),
  kind: nullable(string()),
  name: nullable(string()),
  events: listOf(string()),
  plans: listOf(string()),
  settings: record(string(), unknown()),
  secrets: listOf(string()),
  /** Host and port that it leads to, without what is secret; null where it cannot be used. */
  destination: nullable(string()),
  /** Why it cannot be used. */
  problem: nullable(object({ problem: string(), message: string(), advice: optional(string()) })),
});

export type DescribedChannel = InferOutput<typeof channelSchema>;

export async function describeChannels(
  open: OpenNotifications,
): Promise<readonly DescribedChannel[]> {
  return (await open.channels.list()).map((stored) => {
    const { id, settings, secrets, channel } = stored;
    return {
      id,
      kind: channel?.kind ?? null,
      name: channel?.name ?? null,
      events: channel?.events ?? [],
      plans: channel?.plans ?? [],
      settings: { ...settings },
      secrets,
      ...leadingTo(stored, open),
    };
  });
}

/** Rejects with `not-found`. */
export async function describeChannel(
  open: OpenNotifications,
  id: string,
): Promise<DescribedChannel> {
  const found = (await describeChannels(open)).find((channel) => channel.id === id);
  if (found !== undefined) return found;
  throw new SafehouseError("not-found", `There is no channel ${id}`, { subject: id });
}

/** One channel that cannot be used does not keep the others from being shown. */
function leadingTo(
  { channel, problem }: StoredChannel,
  open: OpenNotifications,
): Pick<DescribedChannel, "destination" | "problem"> {
  if (channel === undefined) return { destination: null, problem: problemOf(problem) };
  try {
    return { destination: open.openChannel(channel).destination, problem: null };
  } catch (error) {
    if (error instanceof SafehouseError) return { destination: null, problem: problemOf(error) };
    throw error;
  }
}

function problemOf(error: SafehouseError | undefined): DescribedChannel["problem"] {
  if (error === undefined) return null;
  const { problem, message, advice } = error;
  return { problem, message, advice };
}
