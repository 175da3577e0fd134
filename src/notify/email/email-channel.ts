import { getCACertificates } from "node:tls";
import { SafehouseError } from "#core/model/problem.ts";
import type { EmailSettings } from "#core/notifications/channel.ts";
import type { Notification } from "#core/notifications/notification.ts";
import type { NotificationChannel } from "#jobs/notification-port.ts";
import type { ChannelTools } from "../channel-tools.ts";
import { messageId } from "../message-id.ts";
import { emailError } from "./email-error.ts";

/** E-mail by SMTP, in plain text. Each message has a connection of its own. */
export function emailChannel(settings: EmailSettings, tools: ChannelTools): NotificationChannel {
  const destination = `${settings.host}:${settings.port}`;
  return {
    destination,
    async send(notification, signal) {
      signal.throwIfAborted();
      const { createTransport } = await import("nodemailer");
      const transport = createTransport(transportOptions(settings, tools.limitInMs));
      try {
        const { rejected } = await transport.sendMail({
          ...mailOf(notification, settings),
          signal,
        });
        if (rejected.length > 0) throw someRefused(rejected.length, destination);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw error instanceof SafehouseError ? error : emailError(error, destination);
      } finally {
        transport.close();
      }
    },
  };
}

function transportOptions(settings: EmailSettings, limitInMs: number) {
  const { host, port, security, signIn, certificate } = settings;
  return {
    host,
    port,
    secure: security === "tls",
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    ...(signIn === undefined ? {} : { auth: { user: signIn.user, pass: signIn.password } }),
    connectionTimeout: limitInMs,
    greetingTimeout: limitInMs,
    socketTimeout: limitInMs,
    dnsTimeout: limitInMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    // Given alone, a certificate would take the place of those that the system trusts.
    tls: certificate === undefined ? {} : { ca: [...getCACertificates(), certificate] },
  };
}

function mailOf(notification: Notification, { from, to }: EmailSettings) {
  const { title, text, severity, at } = notification;
  return {
    from: { name: "Safehouse", address: from },
    to: [...to],
    subject: title,
    text: text === "" ? title : `${title}.\n\n${text}`,
    date: new Date(at),
    // Mail programs show a message once that reaches them twice.
    messageId: `<${messageId(notification)}@${from.slice(from.lastIndexOf("@") + 1)}>`,
    // Keeps answers of absence away (RFC 3834).
    headers: { "Auto-Submitted": "auto-generated" },
    ...(severity === "error" ? { priority: "high" as const } : {}),
  };
}

function someRefused(count: number, destination: string): SafehouseError {
  const who = count === 1 ? "one of the receivers" : `${count} of the receivers`;
  return new SafehouseError("incomplete", `${destination} does not take mail for ${who}`, {
    subject: destination,
    advice: "Check the addresses of the receivers",
  });
}
