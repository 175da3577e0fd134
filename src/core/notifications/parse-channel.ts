import { JsonFields, readText, refuse } from "../json-fields.ts";
import type { Channel, ChannelKind, ChannelTarget } from "./channel.ts";
import { channelFields, channelKinds } from "./channel-fields.ts";
import { notificationEvents, type NotificationEvent } from "./notification.ts";
import { parseEmailSettings } from "./parse-email-settings.ts";
import { readBaseAddress, readSecret, readWebAddress, readWholeNumber } from "./read-setting.ts";

/**
 * Reads a channel from JSON: `{ id, kind, name, settings, events, plans }`. Without `events` a ping follows the
 * runs and every other channel the alerts; without `plans` it is about everything.
 * @throws SafehouseError `usage`, naming the field and never its content
 */
export function parseChannel(value: unknown): Channel {
  const known = ["id", "kind", "name", "settings", "events", "plans"];
  const fields = new JsonFields(value, "channel", known);
  const kind = fields.oneOf("kind", channelKinds);
  const target = fields.value("settings", (settings) => parseTarget(kind, settings));
  const events = fields.optional("events", (items) =>
    Array.isArray(items) && items.length > 0
      ? fields.list("events", readEvent)
      : refuse("channel.events", `a list of ${notificationEvents.join(", ")} with at least one`),
  );
  return {
    id: fields.value("id", readId),
    name: fields.text("name"),
    events: [...new Set(events ?? (kind === "ping" ? eventsOfRuns : eventsOfAlerts))],
    plans: fields.list("plans", readText),
    ...target,
  };
}

const eventsOfRuns: readonly NotificationEvent[] = ["run-started", "run-succeeded", "run-failed"];
const eventsOfAlerts: readonly NotificationEvent[] = ["alert", "reminder", "recovered"];

function readEvent(value: unknown, path: string): NotificationEvent {
  const event = notificationEvents.find((candidate) => candidate === value);
  return event ?? refuse(path, `one of ${notificationEvents.join(", ")}`);
}

function readId(value: unknown, path: string): string {
  const isId = typeof value === "string" && /^[a-z0-9][a-z0-9_-]{0,63}$/u.test(value);
  return isId
    ? value
    : refuse(path, "at most 64 lower-case letters, digits, - and _, a letter or digit first");
}

/** Reads the settings of a kind of channel. */
function parseTarget(kind: ChannelKind, value: unknown): ChannelTarget {
  const fields = new JsonFields(
    value,
    "settings",
    channelFields[kind].map(({ name }) => name),
  );
  switch (kind) {
    case "webhook":
      return { kind, settings: parseWebhook(fields) };
    case "email":
      return { kind, settings: parseEmailSettings(fields) };
    case "ntfy":
      return {
        kind,
        settings: {
          url: fields.value("url", readTopicAddress),
          token: fields.optional("token", readToken),
          priority: fields.optional("priority", readWholeNumber(1, 5)),
        },
      };
    case "gotify":
      return {
        kind,
        settings: {
          url: fields.value("url", readBaseAddress),
          token: fields.value("token", readToken),
          priority: fields.optional("priority", readWholeNumber(0, 10)),
        },
      };
    case "ping":
      return { kind, settings: { url: fields.value("url", readCheckAddress) } };
  }
}

function parseWebhook(fields: JsonFields): Extract<ChannelTarget, { kind: "webhook" }>["settings"] {
  const name = fields.optional("headerName", readHeaderName);
  const value = fields.optional("headerValue", readHeaderValue);
  if (name === undefined && value !== undefined) refuse("settings.headerName", "given too");
  if (name !== undefined && value === undefined) refuse("settings.headerValue", "given too");
  return {
    url: fields.value("url", readWebAddress),
    header: name === undefined || value === undefined ? undefined : { name, value },
    signingKey: fields.optional("signingKey", readSecret),
  };
}

function readHeaderName(value: unknown, path: string): string {
  const name = readText(value, path);
  if (!/^[-!#$%&'*+.^_`|~0-9A-Za-z]+$/u.test(name)) refuse(path, "the name of a header");
  if (headersOfConnection.test(name)) refuse(path, "a header that is not about the connection");
  return name;
}

/** Whoever sends the message decides on these. */
const headersOfConnection =
  /^(?:connection|content-length|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade)$/iu;

function readHeaderValue(value: unknown, path: string): string {
  const text = readText(value, path);
  return /^[ -~]+$/u.test(text) ? text : refuse(path, "one line of ASCII characters");
}

/** Tokens go into a header. */
function readToken(value: unknown, path: string): string {
  const token = readText(value, path);
  return /^[!-~]+$/u.test(token) ? token : refuse(path, "a token: one word of ASCII characters");
}

function readTopicAddress(value: unknown, path: string): string {
  const address = readBaseAddress(value, path);
  const isTopic = /^https?:\/\/[^/]+(?:\/[^/?]+)*\/[-_A-Za-z0-9]+$/u.test(address);
  return isTopic
    ? address
    : refuse(path, "the address of a topic, such as https://ntfy.sh/my-topic");
}

/** A UUID alone is that of a check at healthchecks.io. */
function readCheckAddress(value: unknown, path: string): string {
  const text = readText(value, path);
  const isUuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu.test(text);
  return isUuid ? `https://hc-ping.com/${text}` : readBaseAddress(text, path);
}
