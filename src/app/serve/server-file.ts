import { rmSync } from "node:fs";
import { join } from "node:path";
import type { RunOwner } from "#core/model/run.ts";
import { replaceFile } from "#state/replace-file.ts";

/** How a command on the same machine finds the server of a data directory, and gets in. */
export interface ServerRecord {
  /** Without `/` at the end. */
  readonly url: string;
  /** API token of the scope `admin`, good for as long as the server runs. */
  readonly token: string;
  /** The server's process: if it is dead, so is the record. */
  readonly owner: RunOwner;
}

/** Writes `server.json` in the data directory, for its owner alone; disposing removes it. */
export function announceServer(dataDirectory: string, record: ServerRecord): Disposable {
  const path = join(dataDirectory, "server.json");
  const { url, token, owner } = record;
  const document = { version: 1, url, token, ...owner };
  replaceFile(path, `${JSON.stringify(document, undefined, 2)}\n`);
  return { [Symbol.dispose]: () => rmSync(path, { force: true }) };
}
