import { StorageError } from "../errors.ts";
import type { Incoming, StorageProvider } from "../provider.ts";

/** Key of the object that says which location a place is. */
export const markerKey = ".safehouse/location.json";

/** At set-up: writes the marker of a new location. Rejects with `already-exists`. */
export async function createMarker(
  storage: StorageProvider,
  location: string,
  signal: AbortSignal,
): Promise<void> {
  const text = JSON.stringify({ safehouse: 1, location });
  async function* open() {
    yield new TextEncoder().encode(`${text}\n`);
  }
  await storage.write(markerKey, { open }, signal);
}

/** The id of the location that a place says it is; undefined if it has no marker. */
export async function readMarker(
  storage: StorageProvider,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const source = await storage.open(markerKey, signal);
    try {
      return locationIn(new TextDecoder().decode(await source.read(0, longestMarker)));
    } finally {
      await source.close();
    }
  } catch (error) {
    if (error instanceof StorageError && error.problem === "not-found") return undefined;
    throw error;
  }
}

/**
 * The same place, but only while it carries the marker of this location: a share that is not mounted
 * leaves an empty folder behind that can be written to, and another disk may be in its place. Every
 * change and every listing looks first and rejects with `unreachable`. Reading one object needs no
 * look: the object is there or it is not.
 */
export function withMarker(inner: StorageProvider, location: string): StorageProvider {
  async function check(signal: AbortSignal): Promise<void> {
    const found = await readMarker(inner, signal);
    if (found === location) return;
    const what = found === undefined ? "has no marker" : "carries the marker of another location";
    const message = `The place ${what}, so it is not mounted or not the one that was set up`;
    throw new StorageError("unreachable", message, { key: markerKey });
  }
  async function* list(prefix: string, signal: AbortSignal) {
    await check(signal);
    yield* inner.list(prefix, signal);
  }
  return {
    kind: inner.kind,
    features: inner.features,
    write: (key, content, signal) => check(signal).then(() => inner.write(key, content, signal)),
    openWrite: (key, options, signal) =>
      check(signal).then(() => inner.openWrite(key, options, signal)),
    remove: (key, signal) => check(signal).then(() => inner.remove(key, signal)),
    list,
    removeLeftovers: (signal) => check(signal).then(() => inner.removeLeftovers(signal)),
    read: (key, range, signal) => inner.read(key, range, signal),
    open: (key, signal) => inner.open(key, signal),
    stat: (key, signal) => inner.stat(key, signal),
    freeSpace: (signal) => check(signal).then(() => inner.freeSpace(signal)),
    ...(inner.discard === undefined ? {} : { discard: inner.discard.bind(inner) }),
    ...(inner.matches === undefined ? {} : { matches: inner.matches.bind(inner) }),
    ...(inner.settlement === undefined ? {} : { settlement: inner.settlement.bind(inner) }),
    incoming: inner.incoming && withCheck(inner.incoming, check),
  };
}

function withCheck(incoming: Incoming, check: (signal: AbortSignal) => Promise<void>): Incoming {
  return {
    folder: (signal) => check(signal).then(() => incoming.folder(signal)),
    ownName: () => incoming.ownName(),
    open: (name, signal) => incoming.open(name, signal),
    adopt: (name, key, signal) => check(signal).then(() => incoming.adopt(name, key, signal)),
    remove: (name, signal) => check(signal).then(() => incoming.remove(name, signal)),
  };
}

const longestMarker = 4096;

function locationIn(text: string): string {
  const found = parsed(text);
  if (typeof found === "object" && found !== null && "location" in found) {
    if (typeof found.location === "string") return found.location;
  }
  throw new StorageError("damaged", "The marker of this place cannot be read", { key: markerKey });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
