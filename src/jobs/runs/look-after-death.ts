import { SafehouseError } from "#core/model/problem.ts";
import type { Run } from "#core/model/run.ts";
import { asSafehouseError } from "#storage/errors.ts";
import { noteOrigin } from "../notes/note-origin.ts";
import type { OpenLocationById } from "../open-location-port.ts";
import type { LookAfterDeath, Processes } from "./run-tools.ts";

export interface AftermathTools {
  /** Opening a location removes what the dead have left there. */
  readonly openLocation: OpenLocationById;
  /** Id of this installation. */
  readonly installationId: () => Promise<string>;
  readonly processes: Processes;
  readonly signal: AbortSignal;
}

/**
 * Looks after the locations at which the dead owner of a run was at work, side by side: removes its leftovers
 * there, and notes beside an archive that appeared just before whose it is. A location that cannot be reached
 * is told of and keeps nothing from going on.
 */
export function lookAfterDeath(tools: AftermathTools): LookAfterDeath {
  return async (run) => {
    const atWork = run.steps.filter(({ state }) => state === "running");
    const places = [...new Set(atWork.map(({ location }) => location))];
    const looks = await Promise.all(places.map((place) => lookAt(place, run, tools)));
    const texts = Object.fromEntries(looks.map(({ place, text }) => [place, text]));
    return { made: looks.some(({ made }) => made), texts };
  };
}

interface Look {
  readonly place: string;
  readonly made: boolean;
  readonly text: string;
}

async function lookAt(place: string, run: Run, tools: AftermathTools): Promise<Look> {
  try {
    const made = await cleanUp(place, run, tools);
    const isSeen = tools.processes.lifeOf(run.owner) !== "unknown";
    const text = isSeen
      ? "its leftovers were removed"
      : "its leftovers are removed within the hour";
    return { place, made, text };
  } catch (error) {
    const known = asSafehouseError(error, undefined);
    if (!(known instanceof SafehouseError)) throw error;
    const text = `its leftovers are removed when the location can be reached (${known.message})`;
    return { place, made: false, text };
  }
}

/** True if what the run was making there is there. */
async function cleanUp(place: string, run: Run, tools: AftermathTools): Promise<boolean> {
  const { backup, steps, trigger } = run;
  const { signal } = tools;
  const location = await tools.openLocation(place, signal);
  await location.tidy(backup?.slug, signal);
  const isMaking = steps.some(
    ({ kind, state, location: at }) => kind === "make" && state === "running" && at === place,
  );
  if (!isMaking || backup === undefined) return false;
  const { backups } = await location.list(signal);
  if (!backups.some(({ object }) => object.key === backup.fileName)) return false;
  if ((await location.readNotes(backup.slug, signal)) === undefined) {
    const plan = trigger.kind === "plan" ? trigger.plan : undefined;
    const installation = await tools.installationId();
    await noteOrigin(location, { slug: backup.slug, origin: { installation, plan } }, signal);
  }
  return true;
}
