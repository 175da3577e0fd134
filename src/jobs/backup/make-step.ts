import type { RunBackup } from "#core/model/run.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import { noteOrigin } from "../notes/note-origin.ts";
import type { BackupOrigin } from "../notes/origin.ts";
import { StorageError } from "#storage/errors.ts";
import type { OpenLocationById } from "../open-location-port.ts";
import { stepErrorOf } from "../runs/step-error.ts";
import type { RunTools } from "../runs/run-tools.ts";
import type { StepContext } from "../runs/step-handler.ts";
import type { BackupRequest } from "./backup-request.ts";
import { chooseTargets, type TargetChoice } from "./choose-targets.ts";
import {
  makeBackup,
  type BackupTools,
  type MadeBackup,
  type MadeTarget,
  type MakingTools,
} from "./make-backup.ts";

/** What making works with, but for what the run says: where, and whose it is. */
export interface MakeTools {
  readonly runs: Pick<RunTools, "startTimer">;
  readonly backup: BackupTools;
  readonly openLocation: OpenLocationById;
  /** True for a location on a disk of this machine, by its id. */
  readonly isNear: TargetChoice["isNear"];
  /** Key of locations that want to be encrypted what is not; undefined if there is none. */
  readonly currentKeys: MakingTools["currentKeys"];
  /** Keeps restores out while the archive is made. Rejects with `busy`. */
  readonly hold: (signal: AbortSignal) => Promise<AsyncDisposable>;
}

/** What a run wants made. */
export interface MakeOrder {
  readonly request: BackupRequest;
  /** Ids of all locations that get the backup, those first that are preferred. */
  readonly locations: readonly string[];
  /** Whose the backup will be. */
  readonly origin: BackupOrigin;
}

/** The step of a run that makes its archive. */
export class MakeStep {
  readonly #order: MakeOrder;
  readonly #tools: MakeTools;
  #made: MadeBackup | undefined;

  constructor(order: MakeOrder, tools: MakeTools) {
    this.#order = order;
    this.#tools = tools;
  }

  /** What was made; undefined until it is. */
  get made(): MadeBackup | undefined {
    return this.#made;
  }

  /** Resolves to the ids of the locations at which the archive is now. */
  async carryOut(context: StepContext): Promise<readonly string[]> {
    await using _ = await this.#tools.hold(context.signal);
    const made = await this.#makeSomewhere(context);
    this.#made = made;
    for (const { part, status } of made.parts) {
      if (status === "failed") context.log(`${part} could not be read and is not in the backup`);
      if (status === "warnings") context.log(`Single files of ${part} were left out or fixed up`);
    }
    const at = made.targets.filter(isThere).map(({ location }) => location.id);
    const [first] = at;
    if (first !== undefined && !at.includes(context.step.location)) context.madeElsewhere(first);
    return at;
  }

  /** Makes it anew without the locations at which it has just failed, as long as there are others. */
  async #makeSomewhere(context: StepContext): Promise<MadeBackup> {
    let left = this.#order.locations;
    for (;;) {
      const attempt = new Attempt(left);
      try {
        return await this.#makeWholly(context, attempt);
      } catch (error) {
        left = attempt.others();
        if (context.signal.aborted || left.length === 0 || !(error instanceof StorageError))
          throw error;
        context.log(`It is made elsewhere: ${stepErrorOf(error).message}`);
      }
    }
  }

  async #makeWholly(context: StepContext, attempt: Attempt): Promise<MadeBackup> {
    const { signal, log } = context;
    let slug: string | undefined;
    const named = async (backup: RunBackup): Promise<void> => {
      ({ slug } = backup);
      await context.name(backup);
    };
    const openTargets: MakingTools["openTargets"] = async (check) => {
      const { openLocation, isNear, runs } = this.#tools;
      const { startTimer } = runs;
      const choice = { openLocation, isNear, startTimer, check, log, signal };
      attempt.targets = await chooseTargets(attempt.candidates, choice);
      return attempt.targets;
    };
    try {
      const tools = this.#toolsFor(context, openTargets);
      const made = await makeBackup(this.#order.request, tools, named);
      for (const { location, error } of made.targets.filter((target) => !isThere(target)))
        log(`It could not be made at ${location.id}: ${stepErrorOf(error).message}`);
      for (const { location } of made.targets.filter(isThere))
        await this.#note(made, context, location);
      return made;
    } catch (error) {
      // The archive may have appeared in the very moment in which its writer was told to stop.
      // Its file may be called like that of another one, its slug is its own.
      if (signal.aborted && slug !== undefined)
        for (const location of attempt.targets) await this.#remove(slug, context, location);
      throw error;
    }
  }

  /** A backup that is whole is worth more than a note about it: without one it is kept for longer. */
  async #note(
    { identity }: MadeBackup,
    { signal, log }: StepContext,
    location: ArchiveLocation,
  ): Promise<void> {
    const { origin } = this.#order;
    try {
      await noteOrigin(location, { slug: identity.slug, origin }, signal);
    } catch (error) {
      signal.throwIfAborted();
      log(`It could not be noted whose backup it is: ${stepErrorOf(error).message}`);
    }
  }

  async #remove(slug: string, context: StepContext, location: ArchiveLocation): Promise<void> {
    try {
      await location.remove(slug, new AbortController().signal);
    } catch (error) {
      const { problem, message } = stepErrorOf(error);
      if (problem !== "not-found") context.log(`What was made could not be removed: ${message}`);
    }
  }

  #toolsFor({ signal, report }: StepContext, openTargets: MakingTools["openTargets"]): MakingTools {
    const { backup, currentKeys } = this.#tools;
    return {
      ...backup,
      openTargets,
      currentKeys,
      origin: this.#order.origin,
      signal,
      report: (progress) => {
        backup.report(progress);
        report(progress);
      },
    };
  }
}

/** One way of making it. */
class Attempt {
  /** Ids of the locations that it can be made at. */
  readonly candidates: readonly string[];
  /** Those of them that it is made at; none before they are chosen. */
  targets: readonly ArchiveLocation[] = [];

  constructor(candidates: readonly string[]) {
    this.candidates = candidates;
  }

  /** What is left when all of its targets have failed; nothing if none could be chosen. */
  others(): readonly string[] {
    if (this.targets.length === 0) return [];
    const failed = new Set(this.targets.map(({ id }) => id));
    return this.candidates.filter((id) => !failed.has(id));
  }
}

function isThere({ size }: MadeTarget): boolean {
  return size !== undefined;
}
