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
import type { ChannelStore } from "#jobs/channel-store-port.ts";
import { listOf } from "../schema/list-of.ts";
import { shortText } from "../schema/names.ts";

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
  /** Why it cannot be used. */
  problem: nullable(string()),
});

export type DescribedChannel = InferOutput<typeof channelSchema>;

export async function describeChannels(store: ChannelStore): Promise<readonly DescribedChannel[]> {
  return (await store.list()).map(({ id, settings, secrets, channel, problem }) => ({
    id,
    kind: channel?.kind ?? null,
    name: channel?.name ?? null,
    events: channel?.events ?? [],
    plans: channel?.plans ?? [],
    settings: { ...settings },
    secrets,
    problem: problem?.message ?? null,
  }));
}

/** Rejects with `not-found`. */
export async function describeChannel(store: ChannelStore, id: string): Promise<DescribedChannel> {
  const found = (await describeChannels(store)).find((channel) => channel.id === id);
  if (found !== undefined) return found;
  throw new SafehouseError("not-found", `There is no channel ${id}`, { subject: id });
}
