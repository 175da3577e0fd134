import type { NtfySettings } from "#core/notifications/channel.ts";
import type { Notification } from "#core/notifications/notification.ts";
import type { NotificationChannel } from "#jobs/notification-port.ts";
import type { ChannelTools } from "./channel-tools.ts";
import { postMessage } from "./http/post-message.ts";
import { webAddress } from "./web-address.ts";

/**
 * A message to a topic of ntfy. It is published as JSON to the root of the server: in headers, where its other way
 * has the title, nothing but ASCII arrives.
 */
export function ntfyChannel(settings: NtfySettings, tools: ChannelTools): NotificationChannel {
  const { token, priority } = settings;
  const address = webAddress(settings.url);
  const end = address.pathname.lastIndexOf("/");
  const topic = address.pathname.slice(end + 1);
  const url = new URL(address.pathname.slice(0, end + 1), address);
  const signIn = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  return {
    destination: url.host,
    async send({ title, text, severity }, signal) {
      const body = JSON.stringify({
        topic,
        title,
        message: text === "" ? title : text,
        priority: priority ?? priorities[severity],
        tags: tags[severity],
      });
      const headers = { "Content-Type": "application/json", ...signIn };
      await postMessage({ url, headers, body }, tools, signal);
    },
  };
}

/** 3 is usual; 4 makes itself heard. */
const priorities: Readonly<Record<Notification["severity"], number>> = {
  error: 4,
  warning: 3,
  info: 2,
};

/** ntfy shows these as emoji. */
const tags: Readonly<Record<Notification["severity"], readonly string[]>> = {
  error: ["rotating_light"],
  warning: ["warning"],
  info: [],
};
