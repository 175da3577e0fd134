import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chownSync,
  existsSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  chmodSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Entry } from "#core/model/entry.ts";
import type { Part } from "#core/model/part.ts";
import type { PartEvent, PartEvents } from "#core/model/part-event.ts";
import type { PartToRestore } from "../../../installation.ts";
import type { HomePaths } from "../../home-paths.ts";
import { joined, namesIn, onDisk } from "../disk-path.ts";
import { openRestore } from "../open-restore.ts";
import type { OpenRestoreOptions } from "../open-restore.ts";
import type { RestoreHome } from "../restore-home.ts";

export const never = new AbortController().signal;
export const configPart: Part = { kind: "homeassistant" };
export const share: Part = { kind: "folder", name: "share" };

/** Whole milliseconds, so that every way of writing a time gives the same one. */
export const oldTime = 1_600_000_000.125;
export const newTime = 1_700_000_000.25;

/** A home in a temporary folder, with a clock that stands still. */
export class TestHome implements Disposable {
  readonly folder: string;
  readonly paths: HomePaths;
  now = Date.UTC(2026, 0, 2);
  onStep: (step: string) => void = () => undefined;

  /** @param base where the folder is made */
  constructor(changes: Partial<HomePaths> = {}, base = tmpdir()) {
    this.folder = mkdtempSync(join(base, "safehouse-restore-"));
    this.paths = {
      config: `${this.folder}/config`,
      share: `${this.folder}/share`,
      ssl: `${this.folder}/ssl`,
      media: undefined,
      addonsLocal: undefined,
      addonData: `${this.folder}/addon_data`,
      dataDir: `${this.folder}/safehouse`,
      ...changes,
    };
  }

  get home(): RestoreHome {
    return {
      paths: this.paths,
      clock: { now: () => this.now },
      onStep: (step) => this.onStep(step),
    };
  }

  get config(): string {
    return `${this.folder}/config`;
  }

  open(options: Partial<OpenRestoreOptions> = {}): ReturnType<typeof openRestore> {
    const all = { exact: false, stopped: true, replaceUndo: false, slug: "0123abcd", name: "Test" };
    return openRestore(this.home, { ...all, ...options }, never);
  }

  /** Restores parts in one go. */
  async restore(
    parts: readonly (readonly [PartToRestore, PartEvents])[],
    options: Partial<OpenRestoreOptions> = {},
  ): ReturnType<Awaited<ReturnType<typeof openRestore>>["swap"]> {
    await using session = await this.open(options);
    for (const [part, events] of parts) await session.stage(part, events, never);
    return await session.swap(() => undefined, never);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export type Tree = Readonly<
  Record<string, string | null | { link: string } | { text: string; mode: number }>
>;

/** Makes files (text), folders (null) and links; folders above them too. Times are old ones. */
export function grow(root: string, tree: Tree): void {
  mkdirSync(root, { recursive: true });
  for (const [path, what] of Object.entries(tree)) {
    const place = `${root}/${path}`;
    mkdirSync(what === null ? place : dirname(place), { recursive: true });
    if (what === null) continue;
    if (typeof what === "string") writeFileSync(place, what);
    else if ("link" in what) symlinkSync(what.link, place);
    else writeFileSync(place, what.text);
    if (typeof what === "object" && "mode" in what) chmodSync(place, what.mode);
  }
  age(root, "");
}

function age(root: string, path: string): void {
  const place = onDisk(root, path);
  const facts = lstatSync(place);
  if (facts.isDirectory()) for (const name of namesIn(place)) age(root, joined(path, name));
  const time = oldTime + path.length;
  if (facts.isSymbolicLink()) lutimesSync(place, time, time);
  else utimesSync(place, time, time);
}

/** Everything that a restore promises about a tree, one line an entry. Our own folders are left out. */
export function pictureOf(root: string): string[] {
  const lines: string[] = [];
  if (existsSync(root)) draw(root, "", lines);
  return lines;
}

function draw(root: string, path: string, lines: string[]): void {
  const place = onDisk(root, path);
  const { mode, uid, gid, mtimeMs, nlink } = lstatSync(place);
  const type = mode & 0o170000;
  const content =
    type === 0o100000 ? createHash("sha1").update(readFileSync(place)).digest("hex") : "";
  const target = type === 0o120000 ? readlinkSync(place) : "";
  const links = type === 0o100000 ? nlink : "";
  lines.push(
    `${path} ${mode.toString(8)} ${uid}:${gid} ${Math.round(mtimeMs)} ${content}${target} ${links}`,
  );
  if (type !== 0o040000) return;
  for (const name of namesIn(place))
    if (name !== ".safehouse") draw(root, joined(path, name), lines);
}

export interface Made extends Partial<Entry> {
  readonly path: string;
  readonly text?: string | Uint8Array;
}

/** The events of a part, one batch. Entries with text are files, the others folders unless they say so. */
export async function* events(...made: readonly Made[]): PartEvents {
  await Promise.resolve();
  yield made.flatMap(eventsOf);
}

function eventsOf({ text, ...given }: Made): PartEvent[] {
  const bytes = typeof text === "string" ? Buffer.from(text) : text;
  const type = bytes === undefined ? "directory" : "file";
  const mode = bytes === undefined ? 0o755 : 0o644;
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  const entry: Entry = { type, mode, uid, gid, mtime: newTime, size: bytes?.length ?? 0, ...given };
  const event: PartEvent = { kind: "entry", entry };
  return bytes === undefined || bytes.length === 0 ? [event] : [event, { kind: "data", bytes }];
}

export function task(part: Part, changes: Partial<PartToRestore> = {}): PartToRestore {
  return { part, bytes: undefined, rules: [], database: true, ...changes };
}

/** A copy that keeps everything, made by another program. */
export function copyTree(from: string, to: string): void {
  execFileSync("cp", ["-a", from, to]);
}

export function chownIfRoot(path: string, uid: number, gid: number): void {
  if (process.getuid?.() === 0) chownSync(path, uid, gid);
}
