import { readText, refuse, type JsonFields } from "../json-fields.ts";
import type { EmailSettings } from "./channel.ts";
import { readSecret, readWholeNumber } from "./read-setting.ts";

const ports: Readonly<Record<EmailSettings["security"], number>> = {
  starttls: 587,
  tls: 465,
  none: 25,
};

/**
 * Reads the settings of a mail server; encrypted by STARTTLS if nothing else is said. A password that would go
 * over an open connection is refused. @throws SafehouseError `usage`
 */
export function parseEmailSettings(fields: JsonFields): EmailSettings {
  const security = fields.optional("security", () =>
    fields.oneOf("security", ["starttls", "tls", "none"] as const),
  );
  const settings = {
    host: fields.value("host", readHost),
    security: security ?? "starttls",
    port: fields.optional("port", readWholeNumber(1, 65_535)) ?? ports[security ?? "starttls"],
    signIn: readSignIn(fields),
    from: fields.value("from", readAddress),
    to: fields.value("to", readAddresses),
    certificate: fields.optional("certificate", readCertificate),
  };
  if (settings.security === "none" && settings.signIn !== undefined)
    refuse("settings.security", "starttls or tls: a password would go over the network openly");
  return settings;
}

function readSignIn(fields: JsonFields): EmailSettings["signIn"] {
  const user = fields.optional("user", readText);
  const password = fields.optional("password", readSecret);
  if (user === undefined && password === undefined) return undefined;
  if (user === undefined) refuse("settings.user", "given, as there is a password");
  if (password === undefined) refuse("settings.password", "given, as there is a user");
  return { user, password };
}

function readHost(value: unknown, path: string): string {
  const host = readText(value, path);
  return /^[-.:_A-Za-z0-9]+$/u.test(host) ? host : refuse(path, "the name of a server alone");
}

/** Nothing that would begin another header or another address. */
function readAddress(value: unknown, path: string): string {
  const address = readText(value, path);
  return /^[^\s@,;:<>"()[\]\\]+@[^\s@,;:<>"()[\]\\]+$/u.test(address)
    ? address
    : refuse(path, "an e-mail address alone, such as me@example.org");
}

function readAddresses(value: unknown, path: string): readonly string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : readText(value, path).split(",");
  if (items.length === 0) refuse(path, "at least one address");
  return items.map((item) => readAddress(item, path));
}

function readCertificate(value: unknown, path: string): string {
  const text = readText(value, path);
  return text.includes("-----BEGIN CERTIFICATE-----") ? text : refuse(path, "a certificate in PEM");
}
