import type {
  KeptMount,
  MountListing,
  MountWish,
  SupervisorMounts,
} from "#api/supervisor/mounts/mounts-port.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { DescribedLocation } from "#jobs/locations/location-set-up.ts";
import { lookAt } from "#jobs/locations/look-at.ts";
import type { OpenLocations } from "#operations/services.ts";
import { withLocations, type HomeTools } from "./home-tools.ts";
import { locationOfMount, mountOfLocation } from "./mount-kinds.ts";
import type { RecentLook } from "./recent-look.ts";
import { changeSupervisorSettings, readSupervisorSettings } from "./supervisor-settings.ts";

/** So long a place is tried. */
const longestTryMs = 9000;

/**
 * Mounts are locations of the home whose kind is that of a network share: they are kept, sealed, tried and opened
 * as all locations are. One of a kind that this program does not have is refused with `unsupported`.
 */
export class HomeMounts implements SupervisorMounts {
  readonly #tools: HomeTools;
  readonly #look: Pick<RecentLook, "again" | "problemAt">;

  constructor(tools: HomeTools, look: Pick<RecentLook, "again" | "problemAt">) {
    this.#tools = tools;
    this.#look = look;
  }

  async list(): Promise<MountListing> {
    const { defaultMount } = await readSupervisorSettings(this.#tools.settings);
    const mounts = await withLocations(this.#tools, async (_, { setUp }) =>
      (await setUp.describe()).flatMap((location) => this.#mountsOf(location)),
    );
    return { defaultMount: mounts.find(({ name }) => name === defaultMount)?.name, mounts };
  }

  async create(mount: MountWish): Promise<void> {
    const { name } = mount;
    const wanted = { id: idFor(name), name, ...locationOfMount(mount) };
    const isFirst = (await this.list()).mounts.length === 0;
    await this.#trying(name, ({ setUp }, signal) => setUp.add(wanted, signal));
    if (isFirst) await this.setDefault(name);
  }

  async replace(mount: MountWish): Promise<void> {
    const { name } = mount;
    const { kind, settings } = locationOfMount(mount);
    await this.#trying(name, async (open, signal) => {
      const before = await locationOf(name, open);
      if (before.kind !== kind)
        throw new SafehouseError(
          "unsupported",
          `${name} stays a place of the kind ${before.kind}`,
          {
            subject: name,
            advice: "Remove it and add it anew",
          },
        );
      await open.setUp.change(before.id, { name: undefined, settings }, signal);
    });
  }

  async remove(name: string): Promise<void> {
    await withLocations(this.#tools, async (_, open) =>
      open.setUp.remove((await locationOf(name, open)).id),
    );
    const { defaultMount } = await readSupervisorSettings(this.#tools.settings);
    if (defaultMount === name) await this.setDefault(undefined);
  }

  async reload(name: string): Promise<void> {
    const { clock } = this.#tools;
    await this.#trying(name, async (open, signal) => {
      const { id } = await locationOf(name, open);
      const { problem } = await lookAt(open.locations, id, { fresh: true, clock, signal });
      if (problem === undefined) return;
      const { advice } = problem;
      const details = { subject: name, ...(advice === undefined ? {} : { advice }) };
      throw new SafehouseError(problem.problem, problem.message, details);
    });
  }

  async setDefault(defaultMount: string | undefined): Promise<void> {
    await changeSupervisorSettings(this.#tools.settings, { defaultMount });
  }

  #mountsOf(location: DescribedLocation): readonly KeptMount[] {
    const mount = mountOfLocation(location);
    if (mount === undefined) return [];
    const state = this.#look.problemAt(location.id) === undefined ? "active" : "failed";
    return [{ ...mount, state }];
  }

  /** Tries a place for some seconds, and has a look at all of them afterwards. */
  async #trying(
    name: string,
    work: (open: OpenLocations, signal: AbortSignal) => Promise<unknown>,
  ): Promise<void> {
    const enough = AbortSignal.timeout(longestTryMs);
    const signal = AbortSignal.any([enough, this.#tools.context.signal]);
    try {
      await withLocations(this.#tools, (_, open) => work(open, signal));
    } catch (error) {
      if (!enough.aborted) throw error;
      throw new SafehouseError("unreachable", `${name} does not answer`, {
        subject: name,
        advice: "Check the server, the network and the share",
        cause: error,
      });
    } finally {
      await this.#look.again();
    }
  }
}

async function locationOf(name: string, { setUp }: OpenLocations): Promise<DescribedLocation> {
  const found = (await setUp.describe()).find(
    (location) => mountOfLocation(location)?.name === name,
  );
  if (found !== undefined) return found;
  throw new SafehouseError("not-found", `There is no mount ${name}`, { subject: name });
}

/** Names of mounts are letters, digits and `_`; ids have no capitals and begin with no `_`. */
function idFor(name: string): string {
  return name.toLowerCase().replace(/^_+/u, "") || "mount";
}
