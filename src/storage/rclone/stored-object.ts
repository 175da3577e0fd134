import type { StoredObject } from "../provider.ts";
import type { PlaceFacts } from "./place-facts.ts";
import { fromRemoteName } from "./remote-name.ts";

/** An entry of `operations/list` or `operations/stat`; undefined for a folder, and for what has no size. */
export function storedObject(
  entry: unknown,
  folder: string,
  { wholeSeconds }: PlaceFacts,
): StoredObject | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  const found: Readonly<Record<string, unknown>> = { ...entry };
  const { Name: name, Size: size, ModTime: time, IsDir: isFolder, ID: id } = found;
  if (isFolder === true || typeof name !== "string" || typeof size !== "number" || size < 0) {
    return undefined;
  }
  const told = typeof time === "string" ? time : "";
  // A list of a bucket may tell milliseconds where an object itself tells seconds.
  const exact = wholeSeconds ? told.replace(/\.\d+/, "") : told;
  const at = Date.parse(exact);
  return {
    key: folder + fromRemoteName(name),
    size,
    modifiedAt: Number.isNaN(at) ? 0 : at,
    version: [String(size), exact, ...(typeof id === "string" && id !== "" ? [id] : [])].join("-"),
  };
}
