import type { StoredObject } from "../provider.ts";
import { StorageError } from "../errors.ts";
import type { DavEntry } from "./multistatus.ts";
import { decodeName } from "./names.ts";
import { namesOf } from "./settings.ts";

/** What is asked about objects. */
export const objectProperties = [
  "DAV: resourcetype",
  "DAV: getcontentlength",
  "DAV: getlastmodified",
  "DAV: getetag",
] as const;

/** Names of the path that an entry is about, as they lie at the server. */
export function pathOfEntry({ href }: DavEntry): readonly string[] {
  return namesOf(href.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, ""));
}

/** Name of what lies directly in the folder; undefined for the folder itself and whatever is deeper. */
export function nameIn(folder: readonly string[], entry: DavEntry): string | undefined {
  const path = pathOfEntry(entry);
  const name = path.at(-1);
  if (name === undefined || /^\.{1,2}$|[/\0]/.test(name)) return undefined;
  // Behind a proxy the server may know its folders by other paths; then depth is all that can be compared.
  const isBelow = folder.every((part, at) => path[at] === part);
  if (isBelow && path.length !== folder.length + 1) return undefined;
  return decodeName(name);
}

/** Milliseconds since 1970; 0 where the server does not tell. */
export function modifiedAt({ texts }: DavEntry): number {
  const time = Date.parse(texts.get("DAV: getlastmodified") ?? "");
  return Number.isNaN(time) ? 0 : time;
}

/** An object as the server tells of it. Throws `unsupported` where it does not tell the size. */
export function objectOf(key: string, entry: DavEntry): StoredObject {
  const text = entry.texts.get("DAV: getcontentlength") ?? "";
  const size = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(size)) {
    throw new StorageError("unsupported", `The server does not tell the size of ${key}`, { key });
  }
  const modified = modifiedAt(entry);
  // Apache calls an entity tag weak for the first second of a file, and strong from then on.
  const tag = (entry.texts.get("DAV: getetag") ?? "").replace(/^W\//, "");
  return { key, size, modifiedAt: modified, version: `${tag} ${modified} ${size}` };
}
