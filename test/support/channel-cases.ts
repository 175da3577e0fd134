import type { Notification } from "#core/notifications/notification.ts";
import { parseChannel } from "#core/notifications/parse-channel.ts";
import type { Channel, ChannelKind } from "#core/notifications/channel.ts";

/** An alert with characters that not every protocol takes, and a secret nowhere. */
export const someNotification: Notification = {
  id: "run-failed:nightly 1 opened 1",
  event: "alert",
  at: Date.UTC(2026, 10, 22, 3),
  expires: Date.UTC(2026, 10, 29, 3),
  severity: "error",
  title: "Sicherung für „Nächtlich“ fehlgeschlagen 🏠",
  text: "Switch it on.\nIt began 2026-11-22 03:00 UTC.",
  plan: "nightly",
  location: undefined,
  alert: "run-failed:nightly",
  run: undefined,
};

/** A channel as it would be stored. */
export function channelOf(
  kind: ChannelKind,
  settings: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): Channel {
  return parseChannel({ id: kind, kind, name: `My ${kind}`, settings, ...more });
}
