import type { OpenLocation, OpenPlaces } from "#operations/services.ts";
import type { LocalHome } from "./local-home.ts";

/**
 * Work with backups at the locations of a home; none of them is asked yet.
 * @param chosen id or path; the default location if undefined
 */
export async function openPlaces(
  home: LocalHome,
  chosen: string | undefined,
  tools: OpenPlaces["tools"],
): Promise<OpenPlaces> {
  const recovered: string[] = [];
  const locations = home.locations((sentence) => void recovered.push(sentence));
  return {
    chosen: chosen === undefined ? await locations.default() : await locations.idOf(chosen),
    openLocation: (id, signal) => locations.open(id, signal),
    isNear: async (id) => !(await locations.storage(id)).features.flaky,
    locationId: (named) => locations.idOf(named),
    installationId: () => home.installation(),
    tools,
    recovered,
    [Symbol.asyncDispose]: nothingToClose,
  };
}

/** The same with the chosen location open. Rejects as it does if it cannot be reached. */
export async function openChosen(
  home: LocalHome,
  places: OpenPlaces,
  signal: AbortSignal,
): Promise<OpenLocation> {
  const location = await places.openLocation(places.chosen, signal);
  return {
    ...places,
    chosen: location.id,
    location,
    openLocation: async (id, asked) =>
      id === location.id ? location : places.openLocation(id, asked),
    incoming: home.incoming(location),
  };
}

/** What belongs to the home stays open for whoever asks next. */
async function nothingToClose(): Promise<void> {}
