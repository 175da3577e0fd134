import type { Channel } from "#core/notifications/channel.ts";
import type { Notification } from "#core/notifications/notification.ts";
import { wantsNotification } from "#core/notifications/wants-notification.ts";
import type { Clock } from "#core/ports.ts";
import type { AlertStore, Delivery } from "../alert-store-port.ts";

/** What is needed to tell the channels of a home something. */
export interface TellingTools {
  readonly store: AlertStore;
  /** Id of the home. */
  readonly home: string;
  readonly clock: Clock;
  /** Those that are set up; what is told of each other is none of their business. */
  readonly channels: readonly Pick<Channel, "id" | "events" | "plans">[];
}

/** One delivery for each channel that wants it. @param now milliseconds since 1970 */
export function deliveriesTo(
  channels: TellingTools["channels"],
  notification: Notification,
  now: number,
): readonly Delivery[] {
  return channels
    .filter((channel) => wantsNotification(channel, notification))
    .map(({ id }) => ({
      channel: id,
      notification,
      state: "waiting",
      attempts: 0,
      nextAt: now,
      ended: undefined,
      error: undefined,
    }));
}
