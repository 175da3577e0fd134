import { SafehouseError } from "#core/model/problem.ts";
import type { PingSettings } from "#core/notifications/channel.ts";
import type { Notification } from "#core/notifications/notification.ts";
import type { NotificationChannel } from "#jobs/notification-port.ts";
import type { ChannelTools } from "./channel-tools.ts";
import { postMessage } from "./http/post-message.ts";
import { webAddress } from "./web-address.ts";

/**
 * A dead-man ping by the protocol of healthchecks.io (https://healthchecks.io/docs/http_api/). Runs start, succeed and
 * fail the check; everything else is written into its log and changes nothing, a test included.
 */
export function pingChannel(settings: PingSettings, tools: ChannelTools): NotificationChannel {
  const check = webAddress(settings.url);
  return {
    destination: check.host,
    async send(notification, signal) {
      const url = new URL(check);
      url.pathname += signalOf[notification.event];
      const { run, title, text } = notification;
      // The id of the run tells runs apart that overlap.
      if (run !== undefined && isRunEvent(notification)) url.searchParams.set("rid", asUuid(run));
      const body = `${title}\n${text}`.slice(0, longestBody);
      const headers = { "Content-Type": "text/plain; charset=utf-8" };
      refuseInWords(await postMessage({ url, headers, body }, tools, signal), check.host);
    },
  };
}

const signalOf: Readonly<Record<Notification["event"], string>> = {
  "run-started": "/start",
  "run-succeeded": "",
  "run-failed": "/fail",
  alert: "/log",
  reminder: "/log",
  recovered: "/log",
  test: "/log",
};

/** Bytes would be 10,000 at the least of servers. */
const longestBody = 2000;

function isRunEvent({ event }: Notification): boolean {
  return event === "run-started" || event === "run-succeeded" || event === "run-failed";
}

function asUuid(id: string): string {
  return id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, "$1-$2-$3-$4-$5");
}

/** healthchecks.io answers 200 also where there is no such check, and says so in words alone. */
function refuseInWords(answer: string, subject: string): void {
  if (answer.includes("not found")) {
    const advice = "Check the address to its end";
    throw new SafehouseError("not-found", `${subject} knows no such check`, { subject, advice });
  }
  if (answer.includes("rate limited")) {
    const advice = "Wait a minute, or let fewer things ping this check";
    throw new SafehouseError("busy", `${subject} got too many pings`, { subject, advice });
  }
}
