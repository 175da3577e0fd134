import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Stats } from "node:fs";

/**
 * Everything about a tree that a restore or an undo has to bring back, one line an entry, by path:
 * type, mode, owner, time in milliseconds, content or target, and which other name is the same file.
 * Names that are no UTF-8 are shown byte by byte.
 */
export function pictureOf(root: string, omit: (path: string) => boolean = () => false): string[] {
  const lines: string[] = [];
  const places = new Map<number, string>();
  draw(Buffer.from(root), "", { lines, omit, places });
  return lines;
}

interface Drawing {
  readonly lines: string[];
  readonly omit: (path: string) => boolean;
  /** First path of each file with several names, by inode. */
  readonly places: Map<number, string>;
}

function draw(place: Buffer, path: string, drawing: Drawing): void {
  if (drawing.omit(path)) return;
  const facts = lstatSync(place);
  const { mode, uid, gid, mtimeMs } = facts;
  const what = describe(place, path, { facts, drawing });
  const time = Math.round(mtimeMs);
  drawing.lines.push(`${JSON.stringify(path)} ${mode.toString(8)} ${uid}:${gid} ${time} ${what}`);
  if (!facts.isDirectory()) return;
  for (const name of readdirSync(place, { encoding: "buffer" }).toSorted((a, b) => a.compare(b))) {
    const inner = path === "" ? textOf(name) : `${path}/${textOf(name)}`;
    draw(Buffer.concat([place, Buffer.from("/"), name]), inner, drawing);
  }
}

function describe(
  place: Buffer,
  path: string,
  { facts, drawing: { places } }: { readonly facts: Stats; readonly drawing: Drawing },
): string {
  if (facts.isSymbolicLink()) return `-> ${readlinkSync(place)}`;
  if (!facts.isFile()) return "";
  const hash = createHash("sha1").update(readFileSync(place)).digest("hex");
  if (facts.nlink === 1) return hash;
  const first = places.get(facts.ino) ?? path;
  places.set(facts.ino, first);
  return `${hash} = ${first}`;
}

function textOf(name: Buffer): string {
  const text = name.toString("utf8");
  return Buffer.from(text).equals(name) ? text : `bytes ${name.toString("hex")}`;
}
