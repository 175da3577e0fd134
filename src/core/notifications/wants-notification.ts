import type { Channel } from "./channel.ts";
import type { Notification } from "./notification.ts";

/** True if a channel is to tell of it. One that is about certain plans leaves out what is about none. */
export function wantsNotification(
  { events, plans }: Pick<Channel, "events" | "plans">,
  { event, plan }: Pick<Notification, "event" | "plan">,
): boolean {
  if (event === "test") return true;
  if (!events.includes(event)) return false;
  return plans.length === 0 || (plan !== undefined && plans.includes(plan));
}
