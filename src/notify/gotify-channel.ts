import type { GotifySettings } from "#core/notifications/channel.ts";
import type { Notification } from "#core/notifications/notification.ts";
import type { NotificationChannel } from "#jobs/notification-port.ts";
import type { ChannelTools } from "./channel-tools.ts";
import { postMessage } from "./http/post-message.ts";
import { webAddress } from "./web-address.ts";

/** A message of an application of Gotify. */
export function gotifyChannel(settings: GotifySettings, tools: ChannelTools): NotificationChannel {
  const { token, priority } = settings;
  const url = webAddress(`${settings.url}/message`);
  // The token in the address, which Gotify takes too, would stand in the logs of proxies.
  const headers = { "Content-Type": "application/json", "X-Gotify-Key": token };
  return {
    destination: url.host,
    async send({ title, text, severity }, signal) {
      const message = text === "" ? title : text;
      const body = JSON.stringify({ title, message, priority: priority ?? priorities[severity] });
      await postMessage({ url, headers, body }, tools, signal);
    },
  };
}

/** From 4 on the app makes a sound, from 8 on it insists. */
const priorities: Readonly<Record<Notification["severity"], number>> = {
  error: 8,
  warning: 5,
  info: 2,
};
