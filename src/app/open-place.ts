import type { OpenHome, OpenLocation } from "#jobs/services.ts";
import { ArchiveLocation } from "#location/archive-location.ts";
import { inspectArchive } from "#location/inspect-archive.ts";
import { StateCatalogue } from "#state/catalogue.ts";
import type { State } from "#state/open-state.ts";
import { LocalStorage } from "#storage/local/provider.ts";
import { parseLocalSettings } from "#storage/local/settings.ts";
import { stackStorage } from "#storage/stack.ts";
import { onlyHome } from "./only-home.ts";

export interface PlaceToOpen {
  /** Absolute path of the folder; it stands for the location until locations have names. */
  readonly path: string;
  /** Id that the place's marker must carry, if it was set up with one. */
  readonly marker: string | undefined;
  /** Closed with the place. */
  readonly state: State;
  readonly tools: OpenHome["tools"];
  readonly signal: AbortSignal;
}

/** A location that is open for a command, but for what belongs to the whole home. */
type OpenPlace = Omit<OpenLocation, "openLocation" | "locationId" | "installationId">;

/** Opens a location and removes what writers that died have left there. */
export async function openPlace({
  path,
  marker,
  state,
  tools,
  signal,
}: PlaceToOpen): Promise<OpenPlace> {
  const folder = new LocalStorage(parseLocalSettings({ path }));
  const storage = stackStorage(folder, marker === undefined ? {} : { marker });
  const location = new ArchiveLocation({
    storage,
    place: { home: onlyHome, location: path },
    catalogue: new StateCatalogue(state),
    inspect: inspectArchive,
    clock: tools.clock,
  });
  const leftovers = await storage.removeLeftovers(signal);
  const recovered = leftovers.map(
    ({ key, size }) =>
      `Removed ${key} (${size} bytes), which an interrupted run had left at ${path}`,
  );
  const close = async (): Promise<void> => state[Symbol.dispose]();
  return { location, tools, recovered, [Symbol.asyncDispose]: close };
}
