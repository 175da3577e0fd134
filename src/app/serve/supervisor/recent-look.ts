import { setTimeout as pause } from "node:timers/promises";
import { lookAt, type LocationProblem } from "#jobs/locations/look-at.ts";
import type { LocationListing } from "#location/backup-at-location.ts";
import { withLocations, type HomeTools } from "./home-tools.ts";
import type { NamedLocation } from "./named-locations.ts";

/** What is known to be at a location. */
export interface SeenLocation {
  readonly location: NamedLocation;
  readonly listing: LocationListing;
}

/** After so long a list looks again: somebody else may have brought or taken a backup. */
const goodForMs = 3000;
/** So long after its beginning a look is waited for. A location that takes longer is told of as it was. */
const patienceMs = 2000;
/** So long whoever has asked for a look waits for it. */
const longestWaitMs = 5000;

/**
 * What is at the locations, without ever waiting for one that does not answer: a look goes on by itself, and what
 * it finds is remembered.
 */
export class RecentLook {
  readonly #tools: HomeTools;
  #pending: Promise<void> = Promise.resolve();
  #atWork = 0;
  #begunAt = Number.NEGATIVE_INFINITY;
  #problems: ReadonlyMap<string, LocationProblem> = new Map();

  constructor(tools: HomeTools) {
    this.#tools = tools;
  }

  /** Everything at all locations, the default one first. */
  async seen(): Promise<readonly SeenLocation[]> {
    if (await this.#isOld()) this.#begin();
    const { clock, context } = this.#tools;
    const { signal } = context;
    await this.#wait(Math.max(0, this.#begunAt + patienceMs - clock.now()));
    return withLocations(this.#tools, (named, { locations }) =>
      Promise.all(
        named.map(async (location) => {
          const { listing } = await lookAt(locations, location.id, { fresh: false, clock, signal });
          return { location, listing };
        }),
      ),
    );
  }

  /** Looks at every location now; answers within seconds. */
  async again(): Promise<void> {
    this.#begin();
    await this.#wait(longestWaitMs);
  }

  /** Why a location did not answer at the last look; undefined if it did. @param id of the location */
  problemAt(id: string): LocationProblem | undefined {
    return this.#problems.get(id);
  }

  /** A run that has ended since then, whoever carried it out, may have changed what is there. */
  async #isOld(): Promise<boolean> {
    const { clock, context } = this.#tools;
    if (this.#atWork === 0 && Math.abs(clock.now() - this.#begunAt) >= goodForMs) return true;
    await using runs = await context.services.openRuns(context.place);
    const { journal, home } = runs.tools;
    return (await journal.list(home)).some(({ ended = 0 }) => ended >= this.#begunAt);
  }

  #begin(): void {
    this.#begunAt = this.#tools.clock.now();
    this.#atWork += 1;
    this.#pending = this.#look().finally(() => {
      this.#atWork -= 1;
    });
    // Whoever waits for it is told; nobody may be waiting.
    this.#pending.catch(() => undefined);
  }

  async #look(): Promise<void> {
    const { clock, context } = this.#tools;
    const { signal } = context;
    await withLocations(this.#tools, async (named, { locations }) => {
      const problems = await Promise.all(
        named.map(async ({ id }) => {
          const { problem } = await lookAt(locations, id, { fresh: true, clock, signal });
          return problem === undefined ? [] : [[id, problem] as const];
        }),
      );
      this.#problems = new Map(problems.flat());
    });
  }

  async #wait(milliseconds: number): Promise<void> {
    const waited = new AbortController();
    const { signal } = waited;
    const enough = pause(milliseconds, undefined, { signal }).catch(() => undefined);
    try {
      await Promise.race([this.#pending, enough]);
    } finally {
      waited.abort();
    }
  }
}
