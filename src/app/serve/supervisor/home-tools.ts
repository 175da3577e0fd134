import type { Clock } from "#core/ports.ts";
import type { HomeSettingsStore } from "#jobs/settings-port.ts";
import type { HomeContext } from "#operations/home-context.ts";
import type { AnyOperation } from "#operations/operation.ts";
import type { OpenLocations } from "#operations/services.ts";
import { namedLocations, type NamedLocation } from "./named-locations.ts";

/** What the Supervisor's API is built on in this program. */
export interface HomeTools {
  /** Its signal fires when the server stops; requests come and go. */
  readonly context: HomeContext;
  /** Has an operation that begins a run carried out by a worker, and returns its answer. */
  readonly start: (operation: AnyOperation, input: unknown) => Promise<unknown>;
  readonly clock: Clock;
  readonly settings: HomeSettingsStore;
}

/** Works with the locations of the home. Rejects with failures of a place as people are told of them. */
export async function withLocations<Result>(
  { context: { services, place } }: Pick<HomeTools, "context">,
  work: (named: readonly NamedLocation[], open: OpenLocations) => Promise<Result>,
): Promise<Result> {
  return inOwnWords(services, async () => {
    await using open = await services.openLocations(place);
    return await work(await namedLocations(open), open);
  });
}

/** Hands on what `work` comes to; a failure of a place as people are told of it. */
export async function inOwnWords<Result>(
  services: Pick<HomeContext["services"], "translateError">,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw services.translateError(error);
  }
}
