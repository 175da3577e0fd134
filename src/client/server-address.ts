import { SafehouseError } from "#core/model/problem.ts";

/** Where a server is, and what lets us in. */
export interface ServerAddress {
  /** Of the server, with what stands in front of `/api` and a `/` at the end. */
  readonly url: URL;
  /** API token; undefined if there is none to show. */
  readonly token: string | undefined;
  /** True if the data directory named it, and nobody else. */
  readonly found: boolean;
}

/** Reads the address of a server as a person gives it. Throws `usage`; a password in it is not repeated. */
export function parseEndpoint(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol))
    throw new SafehouseError("usage", `${withoutAccount(text)} is no address of a server`, {
      advice: "Give it as http://127.0.0.1:8300 or https://backup.example",
    });
  if (url.username !== "" || url.password !== "")
    throw new SafehouseError("usage", `The address of ${url.host} holds a name or a password`, {
      advice: "Servers are entered with a token: --token-file FILE or SAFEHOUSE_TOKEN",
    });
  if (url.search !== "" || url.hash !== "")
    throw new SafehouseError("usage", `The address of ${url.host} goes on behind its path`, {
      advice: "Leave out what begins with ? or #",
    });
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

/** As people are told of it: without the `/` at the end. */
export function addressText({ url }: Pick<ServerAddress, "url">): string {
  return url.href.replace(/\/$/, "");
}

/** True for an address that leads nowhere but to this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

function withoutAccount(text: string): string {
  return text.replace(/^(\w+:\/\/)?.*@/, "$1");
}
