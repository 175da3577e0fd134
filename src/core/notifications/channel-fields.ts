import type { ChannelKind } from "./channel.ts";

/** One setting of a kind of channel, as people give it. */
export interface ChannelField {
  readonly name: string;
  /** Sealed where it lies; never shown, never an argument of a command. */
  readonly isSecret: boolean;
  readonly isNeeded: boolean;
  /** For people: what it is, without full stop. */
  readonly what: string;
}

/** The settings of each kind of channel. */
export const channelFields: Readonly<Record<ChannelKind, readonly ChannelField[]>> = {
  webhook: [
    needed(secret("url", "address that takes the messages")),
    plain("headerName", "name of a header to send along, such as Authorization"),
    secret("headerValue", "value of that header"),
    secret("signingKey", "key that signs the messages (standardwebhooks.com)"),
  ],
  email: [
    needed(plain("host", "name of the mail server")),
    plain("port", "its port; 587 for starttls, 465 for tls, 25 for none"),
    plain("security", "starttls, tls or none"),
    plain("user", "name to sign in with"),
    secret("password", "password to sign in with"),
    needed(plain("from", "address of the sender")),
    needed(plain("to", "addresses of the receivers, with commas in between")),
    plain("certificate", "certificate in PEM that is trusted besides those of the system"),
  ],
  ntfy: [
    needed(secret("url", "address of the topic, such as https://ntfy.sh/my-topic")),
    secret("token", "access token"),
    plain("priority", "1 to 5; else the severity decides"),
  ],
  gotify: [
    needed(plain("url", "address of the server")),
    needed(secret("token", "token of the application")),
    plain("priority", "0 to 10; else the severity decides"),
  ],
  ping: [needed(secret("url", "address or UUID of the check"))],
};

/** Every kind of channel. */
export const channelKinds = Object.keys(channelFields) as readonly ChannelKind[];

function plain(name: string, what: string): ChannelField {
  return { name, what, isSecret: false, isNeeded: false };
}

function secret(name: string, what: string): ChannelField {
  return { name, what, isSecret: true, isNeeded: false };
}

function needed(field: ChannelField): ChannelField {
  return { ...field, isNeeded: true };
}
