import type { Server } from "node:http";
import { Server as SecureServer } from "node:https";
import type { Clock } from "#core/ports.ts";
import { TlsCertificate, type TlsFiles } from "../tls.ts";
import { backgroundTimer } from "../background-timer.ts";

export interface ServerTlsOptions {
  readonly clock: Clock;
  readonly report: (error: unknown) => void;
}

/** The certificate of a server, or none. Disposing ends the following of its files. */
export interface ServerTls extends Disposable {
  readonly context: { readonly cert: Buffer; readonly key: Buffer } | undefined;
  follow(server: Server): void;
}

/** Rejects as `TlsCertificate.open` for files that cannot be used. @param files undefined: plain HTTP */
export async function serverTls(
  files: TlsFiles | undefined,
  { clock, report }: ServerTlsOptions,
): Promise<ServerTls> {
  const certificate =
    files && (await TlsCertificate.open(files, { clock, startTimer: backgroundTimer, report }));
  let stop = (): void => undefined;
  return {
    context: certificate?.context,
    follow(server) {
      if (certificate !== undefined && server instanceof SecureServer)
        stop = certificate.follow(server);
    },
    [Symbol.dispose]: () => stop(),
  };
}
