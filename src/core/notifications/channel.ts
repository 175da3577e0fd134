import type { NotificationEvent } from "./notification.ts";

/** A way to tell people, as they have set it up. */
export type Channel = ChannelBase & ChannelTarget;

interface ChannelBase {
  /** Lower-case letters, digits, `-` and `_`; never changes. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** What is told there. */
  readonly events: readonly NotificationEvent[];
  /** Ids of the plans that it is about; empty for all plans and for what is about no plan. */
  readonly plans: readonly string[];
}

/** Where a channel leads to. What is secret in its settings is told by `channelFields`. */
export type ChannelTarget =
  | { readonly kind: "webhook"; readonly settings: WebhookSettings }
  | { readonly kind: "email"; readonly settings: EmailSettings }
  | { readonly kind: "ntfy"; readonly settings: NtfySettings }
  | { readonly kind: "gotify"; readonly settings: GotifySettings }
  | { readonly kind: "ping"; readonly settings: PingSettings };

export type ChannelKind = ChannelTarget["kind"];

/** JSON by POST. */
export interface WebhookSettings {
  readonly url: string;
  /** A header of the receiver's choice, such as `Authorization`. */
  readonly header: { readonly name: string; readonly value: string } | undefined;
  /** Signs each message as standardwebhooks.com has it. */
  readonly signingKey: string | undefined;
}

/** E-mail by SMTP. */
export interface EmailSettings {
  readonly host: string;
  readonly port: number;
  /** `starttls` and `tls` send nothing unless the connection is encrypted. */
  readonly security: "starttls" | "tls" | "none";
  readonly signIn: { readonly user: string; readonly password: string } | undefined;
  readonly from: string;
  /** At least one. */
  readonly to: readonly string[];
  /** In PEM: trusted besides those that the system trusts. */
  readonly certificate: string | undefined;
}

/** ntfy.sh, or a server of one's own. */
export interface NtfySettings {
  /** Of the topic: `https://ntfy.sh/my-topic`. */
  readonly url: string;
  readonly token: string | undefined;
  /** 1 to 5; undefined lets the severity decide. */
  readonly priority: number | undefined;
}

export interface GotifySettings {
  /** Of the server. */
  readonly url: string;
  /** Of an application. */
  readonly token: string;
  /** 0 to 10; undefined lets the severity decide. */
  readonly priority: number | undefined;
}

/** A dead-man ping by the protocol of healthchecks.io: it is the silence that alarms. */
export interface PingSettings {
  /** Of the check, without `/start` and the like. */
  readonly url: string;
}
