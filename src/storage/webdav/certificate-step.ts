import { connect } from "node:tls";
import { isIP } from "node:net";
import type { DiagnosisStep } from "../diagnosis.ts";
import { settledOrAborted } from "../interruptible.ts";
import { fingerprintOf, trustOptions, type Trust } from "./trust.ts";

export interface TlsAddress {
  readonly host: string;
  readonly port: number;
  readonly trust: Trust | undefined;
}

/** The step `host-key`: whether the server's certificate is one that would be trusted. Nothing is sent to it. */
export async function certificateStep(
  { host, port, trust }: TlsAddress,
  signal: AbortSignal,
): Promise<DiagnosisStep> {
  const { promise, resolve } = Promise.withResolvers<DiagnosisStep>();
  const socket = connect({
    host,
    port,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(trust === undefined ? {} : trustOptions(trust)),
    rejectUnauthorized: false,
  });
  const fails = (message: string, advice: string): void =>
    resolve({ subject: "host-key", ok: false, message, advice });
  socket.once("error", (error) => {
    const why = "code" in error ? String(error.code) : error.message;
    fails(`No encrypted connection can be made (${why})`, "Check whether it is http:// there");
  });
  socket.once("secureConnect", () => {
    const fingerprint = fingerprintOf(socket.getPeerCertificate().raw);
    if (socket.authorized || trust?.fingerprints.includes(fingerprint) === true) {
      return resolve({ subject: "host-key", ok: true, message: "The certificate is trusted" });
    }
    const why = String(socket.authorizationError);
    const message = `The certificate is not trusted (${why}); its SHA-256 fingerprint is ${fingerprint}`;
    const advice =
      trust === undefined
        ? "If that is the fingerprint that the server itself shows, put it into the setting certificate"
        : "The setting certificate names another one; find out why the server's has changed";
    fails(message, advice);
  });
  return settledOrAborted(promise, signal).finally(() => socket.destroy());
}
