import { readdirSync, statSync } from "node:fs";
import type { Bench } from "./safehouse.ts";

/** Size of the archive that is being written at the location of a bench; 0 if none is. */
export function bytesInProgress({ location }: Pick<Bench, "location">): number {
  const name = readdirSync(location).find((entry) => entry.endsWith(".tmp"));
  const path = `${location}/${name ?? ""}`;
  return name === undefined ? 0 : (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
}
