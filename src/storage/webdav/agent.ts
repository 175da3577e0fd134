import { Agent } from "node:http";
import { Agent as TlsAgent } from "node:https";
import type { ClientRequestArgs } from "node:http";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import { trustOptions, type Trust } from "./trust.ts";

/** Raised before anything is sent to a server of another certificate than the one that was named. */
export class OtherCertificate extends Error {
  override readonly name = "OtherCertificate";
  readonly fingerprint: string;

  constructor(fingerprint: string) {
    super("The server has another certificate");
    this.fingerprint = fingerprint;
  }
}

/** Keeps connections for the next request. Idle ones do not keep the process alive. */
export function agentFor(origin: string, trust: Trust | undefined): Agent {
  const options = { keepAlive: true, maxFreeSockets: 4 };
  if (origin.startsWith("http:")) return new Agent(options);
  if (trust === undefined) return new TlsAgent(options);
  if (trust.certificates.length > 0) return new TlsAgent({ ...options, ...trustOptions(trust) });
  return new PinnedAgent(trust.fingerprints, options);
}

/**
 * Talks to servers of a known certificate alone, whoever has signed it. A request gets its connection only after
 * the look at the certificate: checked any later, the password would be on its way already.
 */
class PinnedAgent extends TlsAgent {
  readonly #fingerprints: readonly string[];

  constructor(fingerprints: readonly string[], options: { readonly keepAlive: boolean }) {
    super(options);
    this.#fingerprints = fingerprints;
  }

  override createConnection(
    options: ClientRequestArgs & ConnectionOptions,
    created?: (error: Error | null, socket: TLSSocket) => void,
  ): undefined {
    const socket = connect({ ...options, rejectUnauthorized: false });
    const fail = (error: Error): void => created?.(error, socket);
    socket.once("error", fail);
    socket.once("secureConnect", () => {
      socket.off("error", fail);
      const { fingerprint256 } = socket.getPeerCertificate();
      if (this.#fingerprints.includes(fingerprint256)) return created?.(null, socket);
      socket.destroy();
      fail(new OtherCertificate(fingerprint256));
    });
  }
}
