import { nameOfFile } from "./file-name.ts";
import type { SmbSettings } from "./settings.ts";

/** A place in one line for people, without secrets. */
export function whereOf(
  settings: Pick<SmbSettings, "host" | "port" | "share" | "folders">,
): string {
  const { host, port, share, folders } = settings;
  const server = port === 445 ? host : `${host}:${port}`;
  return `//${[server, share, ...folders.map((name) => nameOfFile(name))].join("/")}`;
}
