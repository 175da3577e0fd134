import { SafehouseError } from "#core/model/problem.ts";
import type { ServeOptions } from "#operations/services.ts";

/** Where a server listens, decided. */
export interface ServerSettings {
  readonly host: string;
  readonly port: number;
  /** Address from which Home Assistant's ingress speaks; undefined: nobody is believed to be it. */
  readonly ingress: string | undefined;
  /** Further names under which it is asked for over loopback. */
  readonly hostNames: readonly string[];
}

/** Only this machine, unless it is told otherwise. */
const defaultHost = "127.0.0.1";
const defaultPort = 8300;

/** From options, else from `SAFEHOUSE_HOST`, `SAFEHOUSE_PORT` and so on. Throws `usage`. */
export function serverSettings(
  options: ServeOptions,
  env: Readonly<Record<string, string | undefined>>,
): ServerSettings {
  const port = options.port ?? env["SAFEHOUSE_PORT"];
  return {
    host: options.host ?? (env["SAFEHOUSE_HOST"] || defaultHost),
    port: port === undefined || port === "" ? defaultPort : portOf(port),
    ingress: options.ingress ?? (env["SAFEHOUSE_INGRESS"] || undefined),
    hostNames:
      options.hostName ?? env["SAFEHOUSE_HOST_NAMES"]?.split(/[ ,]+/).filter(Boolean) ?? [],
  };
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new SafehouseError("usage", `${text} is no port`, { advice: "Give a number up to 65535" });
}
