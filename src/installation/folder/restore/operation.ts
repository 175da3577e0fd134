import { mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { randomUUID } from "node:crypto";
import type { DirectoryFacts } from "./directory-facts.ts";
import { factsOf, makeParent, onDisk, parentOf } from "./disk-path.ts";
import { isRecord } from "./is-record.ts";
import type { Places } from "./places.ts";

/** One entry of a root that is swapped. No operation's path lies below another's. */
export interface Operation {
  readonly path: string;
  /** Something comes in. */
  readonly in: boolean;
  /** Something that was there goes out. */
  readonly out: boolean;
}

/** A directory that stays because something in it does. */
export interface Merge {
  readonly path: string;
  readonly prior: DirectoryFacts;
  readonly next: DirectoryFacts;
}

export function isOperation(line: unknown): line is Operation {
  return (
    isRecord(line) &&
    typeof line["path"] === "string" &&
    typeof line["in"] === "boolean" &&
    typeof line["out"] === "boolean"
  );
}

export function isMerge(line: unknown): line is Merge {
  return (
    isRecord(line) &&
    typeof line["path"] === "string" &&
    isRecord(line["prior"]) &&
    isRecord(line["next"])
  );
}

/** Directories whose entries were renamed and that are to be flushed. */
export type Touched = Set<string>;

/**
 * Carries out one operation, or what is left of it. Where an entry lies tells how far it has come: what
 * comes in is done when it has left `incoming`, so each rename may be the last thing we ever do.
 */
export function carryOut(
  places: Places,
  operation: Operation,
  moved: (from: string, path: string) => void,
): void {
  const { path } = operation;
  const target = onDisk(places.root, path);
  if (operation.in) {
    if (!exists(places.incoming, path)) return;
    if (factsOf(target) !== undefined) moveOut(places, path, moved);
    // A rename would silently replace what a program that still runs has written just now.
    if (factsOf(target) !== undefined) setAside(places, path);
    move(places.incoming, places.root, path);
    moved(places.incoming, path);
  } else if (factsOf(target) !== undefined && !exists(places.outgoing, path)) {
    moveOut(places, path, moved);
  }
}

/** Takes one operation back, however far it had come. */
export function takeBack(
  places: Places,
  operation: Operation,
  moved: (from: string, path: string) => void,
): void {
  const { path } = operation;
  if (operation.in && !exists(places.incoming, path) && exists(places.root, path)) {
    move(places.root, places.incoming, path);
    moved(places.root, path);
  }
  if (!exists(places.outgoing, path)) return;
  if (exists(places.root, path)) setAside(places, path);
  move(places.outgoing, places.root, path);
  moved(places.outgoing, path);
}

/** Directories that one operation touches, and those in which they may have been made. */
export function touchedBy(places: Places, operation: Operation): string[] {
  const directories = [dirname(places.incoming)];
  for (let at = parentOf(operation.path); at !== undefined; at = parentOf(at)) {
    for (const base of [places.root, places.incoming, places.outgoing]) {
      directories.push(at === "" ? base : `${base}/${at}`);
    }
  }
  return directories;
}

function moveOut(places: Places, path: string, moved: (from: string, path: string) => void): void {
  if (exists(places.outgoing, path)) setAside(places, path);
  else move(places.root, places.outgoing, path);
  moved(places.root, path);
}

/** A process that wrote where we swap did not know; what it wrote is kept beside the undo. */
function setAside(places: Places, path: string): void {
  mkdirSync(places.stray, { recursive: true, mode: 0o700 });
  renameSync(onDisk(places.root, path), `${places.stray}/${randomUUID()}`);
}

function move(from: string, to: string, path: string): void {
  makeParent(to, path);
  renameSync(onDisk(from, path), onDisk(to, path));
}

function exists(base: string, path: string): boolean {
  return factsOf(onDisk(base, path)) !== undefined;
}
