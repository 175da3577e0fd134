import type { SupervisorJobs, Work } from "#api/supervisor/jobs/jobs-port.ts";
import { describeRun, type DescribedRun } from "#jobs/runs/describe-run.ts";
import { withLocations, type HomeTools } from "./home-tools.ts";
import { keptBackups } from "./kept-backups.ts";
import type { NamedLocation } from "./named-locations.ts";
import type { RecentLook } from "./recent-look.ts";
import type { StartedRuns } from "./started-runs.ts";
import { changeSupervisorSettings, readSupervisorSettings } from "./supervisor-settings.ts";
import { backupWork, restoreWork } from "./work-of-run.ts";

/** So many are told of at once. */
const mostJobs = 100;

/** Backups and restores of the home, whoever began them, from the journal of runs. */
export class HomeJobs implements SupervisorJobs {
  readonly #tools: HomeTools;
  readonly #look: RecentLook;
  readonly #runs: StartedRuns;
  readonly #forgotten = new Set<string>();

  constructor(tools: HomeTools, look: RecentLook, runs: StartedRuns) {
    this.#tools = tools;
    this.#look = look;
    this.#runs = runs;
  }

  async list(): Promise<readonly Work[]> {
    const runs = await this.#present();
    if (runs.length === 0) return [];
    const backups = keptBackups(await this.#look.seen());
    const named = await withLocations(this.#tools, async (all) => all);
    return Promise.all(
      runs.map(async (run) => {
        const known = {
          wish: this.#runs.wishOf(run.id),
          // What a run has come to is told a moment after the journal knows that it has ended.
          end: run.ended === undefined ? undefined : await this.#tools.context.desk.end(run.id),
          backup: backups.find(({ slug }) => slug === run.backup?.slug),
        };
        const told = withNames(run, named);
        return isRestore(run) ? restoreWork(told, known) : backupWork(told, known);
      }),
    );
  }

  async forget(id: string): Promise<void> {
    this.#forgotten.add(id);
  }

  async ignoredConditions(): Promise<readonly string[]> {
    return (await readSupervisorSettings(this.#tools.settings)).ignoreConditions;
  }

  async setIgnoredConditions(ignoreConditions: readonly string[]): Promise<void> {
    await changeSupervisorSettings(this.#tools.settings, { ignoreConditions });
  }

  /** Newest first. */
  async #present(): Promise<readonly DescribedRun[]> {
    const { services, place } = this.#tools.context;
    await using runs = await services.openRuns(place);
    const all = await runs.tools.journal.list(runs.tools.home);
    return all
      .filter(({ id, steps }) => !this.#forgotten.has(id) && steps.some(isJob))
      .slice(0, mostJobs)
      .map(describeRun);
  }
}

function isJob({ kind }: { readonly kind: string }): boolean {
  return kind === "make" || kind === "restore";
}

function isRestore({ steps }: DescribedRun): boolean {
  return steps.some(({ kind }) => kind === "restore");
}

/** Clients know locations by their names. */
function withNames(run: DescribedRun, named: readonly NamedLocation[]): DescribedRun {
  const nameOf = (id: string): string => named.find((location) => location.id === id)?.name ?? id;
  const steps = run.steps.map((step) => ({ ...step, location: nameOf(step.location) }));
  return { ...run, steps };
}
