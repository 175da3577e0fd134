import type { Notification } from "./notification.ts";

/** A message that shows that a channel works. @param now milliseconds since 1970 */
export function testNotification(channelName: string, now: number): Notification {
  return {
    id: `test ${now}`,
    event: "test",
    at: now,
    expires: now + 60_000,
    severity: "info",
    title: `Test of ${channelName}`,
    text: "Safehouse can tell you here when something is wrong with your backups.",
    plan: undefined,
    location: undefined,
    alert: undefined,
    run: undefined,
  };
}
