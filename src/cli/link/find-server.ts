import { isLoopback, parseEndpoint, type ServerAddress } from "#client/server-address.ts";
import type { Asking } from "#client/asking.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { PlaceFlags, Services } from "#operations/services.ts";
import type { Console } from "../console.ts";
import { endpointVariable, tokenVariable, type LinkFlags } from "./link-flags.ts";

/** What looking for a server works with. */
export interface LinkTools {
  readonly console: Console;
  readonly services: Services;
}

/**
 * The server that a command goes through; undefined if it works by itself. What is said on the command line
 * counts before variables, and those before the server that the data directory names. Whoever says where a home
 * or its backups lie means this machine. Rejects with `usage` for flags that contradict each other.
 */
export async function findServer(
  asking: Asking & { readonly flags: LinkFlags },
  tools: LinkTools,
): Promise<ServerAddress | undefined> {
  const { flags } = asking;
  const here = hereBy(asking);
  if (flags.endpoint !== undefined && here !== undefined) throw contradiction(here);
  if (here !== undefined) return withoutServer(flags);
  const endpoint = flags.endpoint ?? variableEndpoint(flags, tools);
  if (endpoint !== undefined) return namedServer(endpoint, flags, tools);
  const found = await tools.services.runningServer(flags);
  if (found === undefined) return withoutServer(flags);
  const token = (await givenToken(flags, tools)) ?? found.token;
  return { url: parseEndpoint(found.url), token, found: true };
}

/** The flag that says that a command is for this machine. An id of a location is no path. */
function hereBy({ flags, places = [] }: Parameters<typeof findServer>[0]): string | undefined {
  const { location, embedded } = flags;
  if (embedded === true) return "--embedded";
  const path = [location ?? "", ...places].find((place) => /[\\/]/.test(place));
  const names = ["home", "config", "share", "ssl", "media", "addonsLocal", "addonData"] as const;
  const name = names.find((flag) => flags[flag] !== undefined);
  if (name === undefined) return path;
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function contradiction(flag: string): SafehouseError {
  return new SafehouseError(
    "usage",
    `${flag} is for working on this machine, --endpoint for a server`,
    { advice: "Leave one of them out; the server knows where its home and its backups lie" },
  );
}

/** A token that nobody would get is a mistake. */
function withoutServer({ token, tokenFile }: LinkFlags): undefined {
  if (token === undefined && tokenFile === undefined) return undefined;
  throw new SafehouseError("usage", "There is a token and no server that it would be for", {
    advice: "Name the server with --endpoint",
  });
}

/** A data directory on the command line says more than the variable. */
function variableEndpoint({ dataDir }: PlaceFlags, { console }: LinkTools): string | undefined {
  const value = console.env[endpointVariable];
  return dataDir !== undefined || value === "" ? undefined : value;
}

async function namedServer(
  endpoint: string,
  flags: LinkFlags & PlaceFlags,
  tools: LinkTools,
): Promise<ServerAddress> {
  const url = parseEndpoint(endpoint);
  const inVariable = tools.console.env[tokenVariable];
  const token = (await givenToken(flags, tools)) ?? (inVariable === "" ? undefined : inVariable);
  if (token !== undefined && url.protocol === "http:" && !isLoopback(url))
    tools.console.err(
      `Warning: nothing protects the token on its way to ${url.host}; use https:// instead.\n`,
    );
  return { url, token, found: false };
}

async function givenToken(
  { token, tokenFile }: LinkFlags,
  { console }: LinkTools,
): Promise<string | undefined> {
  if (tokenFile !== undefined) {
    const [line = ""] = (await console.readTextFile(tokenFile)).split(/\r?\n/);
    if (line !== "") return line;
    throw new SafehouseError("usage", `The token file ${tokenFile} is empty`);
  }
  if (token !== undefined)
    console.err(
      `Warning: a token on the command line can be seen by every user of this machine; use --token-file or ${tokenVariable} instead.\n`,
    );
  return token;
}
