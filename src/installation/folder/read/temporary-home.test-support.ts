import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Entry } from "#core/model/entry.ts";
import type { EntryNote, PartEvent } from "#core/model/part-event.ts";
import type { Part } from "#core/model/part.ts";
import { parseRule } from "#core/rules/parse-rule.ts";
import type { HomePaths } from "../home-paths.ts";
import { readPart } from "./read-part.ts";

export const config: Part = { kind: "homeassistant" };
export const share: Part = { kind: "folder", name: "share" };

/** A home in a temporary directory, for one test. */
export class TemporaryHome {
  readonly root = mkdtempSync(join(tmpdir(), "safehouse-read-"));
  readonly paths = {
    config: join(this.root, "config"),
    share: join(this.root, "share"),
    ssl: undefined,
    media: join(this.root, "media"),
    addonsLocal: undefined,
    addonData: join(this.root, "addon_data"),
    dataDir: join(this.root, "data"),
  } satisfies HomePaths;

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const folder of ["config", "share", "media", "addon_data", "data"])
      mkdirSync(join(this.root, folder));
    for (const [path, content] of Object.entries(files)) this.write(path, content);
  }

  write(path: string, content: string | Uint8Array): string {
    const place = join(this.root, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, content);
    return place;
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

export interface ReadResult {
  readonly entries: readonly Entry[];
  readonly content: ReadonlyMap<string, Buffer>;
  readonly notes: readonly EntryNote[];
}

export interface ReadWishes {
  readonly part?: Part;
  readonly database?: boolean;
  readonly rules?: readonly string[];
  readonly signal?: AbortSignal;
}

export function startReading(
  paths: HomePaths,
  wishes: ReadWishes = {},
): AsyncGenerator<readonly PartEvent[]> {
  const {
    part = share,
    database = true,
    rules = [],
    signal = new AbortController().signal,
  } = wishes;
  return readPart(paths, { part, database, rules: rules.map(parseRule) }, signal);
}

/** Reads to the end; every file's content must be exactly as long as its entry says. */
export async function readAll(events: AsyncIterable<readonly PartEvent[]>): Promise<ReadResult> {
  const entries: Entry[] = [];
  const pieces = new Map<string, Buffer[]>();
  const notes: EntryNote[] = [];
  let latest: Buffer[] = [];
  for await (const batch of events) {
    for (const event of batch) {
      if (event.kind === "note") notes.push(event.note);
      else if (event.kind === "data") latest.push(Buffer.from(event.bytes));
      else {
        entries.push(event.entry);
        pieces.set(event.entry.path, (latest = []));
      }
    }
  }
  const content = new Map([...pieces].map(([path, parts]) => [path, Buffer.concat(parts)]));
  for (const { path, size } of entries)
    assert.equal(content.get(path)?.length, size, `size of ${path}`);
  return { entries, content, notes };
}

export function paths(result: ReadResult): string[] {
  return result.entries.map((entry) => entry.path);
}
