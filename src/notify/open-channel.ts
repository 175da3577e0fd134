import type { Channel } from "#core/notifications/channel.ts";
import type { NotificationChannel } from "#jobs/notification-port.ts";
import type { ChannelTools } from "./channel-tools.ts";
import { emailChannel } from "./email/email-channel.ts";
import { gotifyChannel } from "./gotify-channel.ts";
import { ntfyChannel } from "./ntfy-channel.ts";
import { pingChannel } from "./ping-channel.ts";
import { webhookChannel } from "./webhook-channel.ts";

/** A channel that can be sent to. Nothing is connected before. Throws `usage` for an address that is none. */
export function openChannel(channel: Channel, tools: ChannelTools): NotificationChannel {
  switch (channel.kind) {
    case "webhook":
      return webhookChannel(channel.settings, tools);
    case "email":
      return emailChannel(channel.settings, tools);
    case "ntfy":
      return ntfyChannel(channel.settings, tools);
    case "gotify":
      return gotifyChannel(channel.settings, tools);
    case "ping":
      return pingChannel(channel.settings, tools);
  }
}
