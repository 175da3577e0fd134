import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { InboxPlace, InboxRecord, InboxStore } from "#jobs/inbox-store-port.ts";
import { isObject } from "./home-document.ts";
import { replaceFile } from "./replace-file.ts";
import { asStateError, isMissing } from "./state-error.ts";
import { syncFolder } from "./sync-folder.ts";

/**
 * The records of an inbox as small files in `inbox/` of the data directory, one for each place: senders believe them,
 * and nothing else holds what is in them, so they are not in the state file that may be begun anew.
 */
export class InboxFiles implements InboxStore {
  readonly #folder: string;
  readonly #report: (sentence: string) => void;

  /** @param report receives a sentence about each record that cannot be read */
  constructor(dataDirectory: string, report: (sentence: string) => void) {
    this.#folder = join(dataDirectory, "inbox");
    this.#report = report;
  }

  async list(): Promise<readonly InboxRecord[]> {
    const records: InboxRecord[] = [];
    for (const name of this.#names()) {
      const record = this.#read(name);
      if (record !== undefined) records.push(record);
    }
    return records.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  async put(record: InboxRecord): Promise<void> {
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw asStateError(error, this.#folder);
    }
    const document = { version: 1, ...record };
    replaceFile(this.#pathOf(record), `${JSON.stringify(document, undefined, 2)}\n`);
  }

  async remove(place: InboxPlace): Promise<void> {
    const file = this.#pathOf(place);
    try {
      rmSync(file);
    } catch (error) {
      if (isMissing(error)) return;
      throw asStateError(error, file);
    }
    syncFolder(this.#folder);
  }

  #names(): readonly string[] {
    try {
      return readdirSync(this.#folder).filter((name) => /^[0-9a-f]{32}\.json$/.test(name));
    } catch (error) {
      if (isMissing(error)) return [];
      throw asStateError(error, this.#folder);
    }
  }

  /** One bad file must not hide the others. */
  #read(name: string): InboxRecord | undefined {
    const file = join(this.#folder, name);
    try {
      const record = recordIn(JSON.parse(readFileSync(file, "utf8")));
      if (record !== undefined && this.#pathOf(record) === file) return record;
      this.#report(`${file} is no record of the inbox and was left alone`);
    } catch (error) {
      // Another request has just removed it.
      if (isMissing(error)) return undefined;
      if (!(error instanceof SyntaxError)) throw asStateError(error, file);
      this.#report(`${file} is damaged and was left alone`);
    }
    return undefined;
  }

  #pathOf(place: InboxPlace): string {
    const name = createHash("sha256").update(keyOf(place)).digest("hex").slice(0, 32);
    return join(this.#folder, `${name}.json`);
  }
}

function keyOf({ sender, path }: InboxPlace): string {
  return JSON.stringify([sender, ...path]);
}

/** Undefined for what `put` did not write. */
function recordIn(value: unknown): InboxRecord | undefined {
  if (!isObject(value)) return undefined;
  const { version, sender, path, id, at, kind } = value;
  const isRecord =
    version === 1 &&
    typeof sender === "string" &&
    Array.isArray(path) &&
    path.every((name) => typeof name === "string") &&
    typeof id === "string" &&
    typeof at === "number";
  if (!isRecord || !hasContent(kind, value)) return undefined;
  const { version: _, ...record } = value;
  return record as unknown as InboxRecord;
}

function hasContent(kind: unknown, value: Readonly<Record<string, unknown>>): boolean {
  switch (kind) {
    case "folder":
      return true;
    case "document":
      return typeof value["text"] === "string" && Array.isArray(value["properties"]);
    case "archive":
      return typeof value["size"] === "number" && isObject(value["state"]);
    default:
      return false;
  }
}
