import { createHmac } from "node:crypto";
import type { WebhookSettings } from "#core/notifications/channel.ts";
import type { Notification } from "#core/notifications/notification.ts";
import type { NotificationChannel } from "#jobs/notification-port.ts";
import type { ChannelTools } from "./channel-tools.ts";
import { postMessage } from "./http/post-message.ts";
import { messageId } from "./message-id.ts";
import { webAddress } from "./web-address.ts";

/** JSON by POST, in the shape that docs/notifications.md promises. */
export function webhookChannel(
  settings: WebhookSettings,
  tools: ChannelTools,
): NotificationChannel {
  const url = webAddress(settings.url);
  const { header, signingKey } = settings;
  const ownHeader = header === undefined ? {} : { [header.name]: header.value };
  return {
    destination: url.host,
    async send(notification, signal) {
      const body = bodyOf(notification);
      const id = messageId(notification);
      const sent = { id, at: Math.floor(tools.clock.now() / 1000), body };
      const signature = signingKey === undefined ? {} : signatureHeaders(sent, signingKey);
      const headers = { "Content-Type": "application/json", ...signature, ...ownHeader };
      await postMessage({ url, headers, body }, tools, signal);
    },
  };
}

function bodyOf(notification: Notification): string {
  const { event, at, severity, title, text, plan, location, alert, run } = notification;
  const message = {
    version: 1,
    id: messageId(notification),
    event,
    at: new Date(at).toISOString(),
    severity,
    title,
    text,
    plan: plan ?? null,
    location: location ?? null,
    alert: alert ?? null,
    run: run ?? null,
  };
  return JSON.stringify(message);
}

interface SentMessage {
  readonly id: string;
  /** Seconds since 1970, of this attempt. */
  readonly at: number;
  readonly body: string;
}

/** As standardwebhooks.com has them, so that receivers find a library that checks them. */
function signatureHeaders({ id, at, body }: SentMessage, key: string): Record<string, string> {
  const signature = createHmac("sha256", bytesOf(key)).update(`${id}.${at}.${body}`);
  return {
    "webhook-id": id,
    "webhook-timestamp": String(at),
    "webhook-signature": `v1,${signature.digest("base64")}`,
  };
}

/** A key with their mark is base64; any other text counts as it is. */
function bytesOf(key: string): Buffer {
  const mark = "whsec_";
  return key.startsWith(mark) ? Buffer.from(key.slice(mark.length), "base64") : Buffer.from(key);
}
