import { resolve } from "node:path";
import { SafehouseError } from "#core/model/problem.ts";
import { logLevels, type LogLevel, type LogOptions } from "../log.ts";
import { tlsFilesIn, type TlsFiles } from "../tls.ts";
import type { ServeOptions } from "#operations/services.ts";

/** Where a server listens, decided. */
export interface ServerSettings {
  readonly host: string;
  readonly port: number;
  /** Address from which Home Assistant's ingress speaks; undefined: nobody is believed to be it. */
  readonly ingress: string | undefined;
  /** Further names under which it is asked for over loopback. */
  readonly hostNames: readonly string[];
  /** Addresses of proxies that say truthfully whom they serve. */
  readonly proxies: readonly string[];
  /** Undefined: plain HTTP. */
  readonly tls: TlsFiles | undefined;
  readonly log: LogOptions;
}

/** Only this machine, unless it is told otherwise. */
const defaultHost = "127.0.0.1";
const defaultPort = 8300;

/**
 * From options, else from `SAFEHOUSE_HOST`, `SAFEHOUSE_PORT` and so on. Throws `usage`.
 * @param ssl folder of the home with certificates; undefined if there is none
 */
export function serverSettings(
  options: ServeOptions,
  env: Readonly<Record<string, string | undefined>>,
  ssl: string | undefined,
): ServerSettings {
  const port = options.port ?? env["SAFEHOUSE_PORT"];
  const file = env["SAFEHOUSE_LOG_FILE"];
  return {
    host: options.host ?? (env["SAFEHOUSE_HOST"] || defaultHost),
    port: port === undefined || port === "" ? defaultPort : portOf(port),
    ingress: options.ingress ?? (env["SAFEHOUSE_INGRESS"] || undefined),
    hostNames: options.hostName ?? listIn(env["SAFEHOUSE_HOST_NAMES"]),
    proxies: options.proxy ?? listIn(env["SAFEHOUSE_PROXIES"]),
    tls: tlsFiles(options, env, ssl),
    log: {
      level: levelOf(env["SAFEHOUSE_LOG_LEVEL"]),
      file: file === undefined || file === "" ? undefined : resolve(file),
    },
  };
}

/** Files that are named, else those in the home's `ssl` folder if HTTPS is wanted, else none. */
function tlsFiles(
  { tls, tlsCertificate, tlsKey }: ServeOptions,
  env: Readonly<Record<string, string | undefined>>,
  ssl: string | undefined,
): TlsFiles | undefined {
  const certificate = tlsCertificate ?? (env["SAFEHOUSE_TLS_CERTIFICATE"] || undefined);
  const key = tlsKey ?? (env["SAFEHOUSE_TLS_KEY"] || undefined);
  if (certificate !== undefined && key !== undefined)
    return { certificate: resolve(certificate), key: resolve(key) };
  if (certificate !== undefined || key !== undefined)
    throw new SafehouseError("usage", "HTTPS needs both a certificate and its key", {
      advice: "Name both, with --tls-certificate and --tls-key",
    });
  if (tls !== true && env["SAFEHOUSE_TLS"] !== "true") return undefined;
  if (ssl !== undefined) return tlsFilesIn(ssl);
  throw new SafehouseError("usage", "No ssl folder of the home is known", {
    advice: "Name the files, with --tls-certificate and --tls-key",
  });
}

function listIn(text = ""): readonly string[] {
  return text.split(/[ ,]+/).filter(Boolean);
}

function levelOf(text: string | undefined): LogLevel {
  if (text === undefined || text === "") return "info";
  const level = logLevels.find((known) => known === text);
  if (level !== undefined) return level;
  throw new SafehouseError("usage", `SAFEHOUSE_LOG_LEVEL is ${text}`, {
    advice: `Use one of ${logLevels.join(", ")}`,
  });
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new SafehouseError("usage", `${text} is no port`, { advice: "Give a number up to 65535" });
}
