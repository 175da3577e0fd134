import { SafehouseError } from "#core/model/problem.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import type { OpenLocationById } from "../open-location-port.ts";
import { stepErrorOf } from "../runs/step-error.ts";
import type { StartTimer } from "../runs/run-tools.ts";
import { withinPatience } from "../within-patience.ts";

export interface TargetChoice {
  readonly openLocation: OpenLocationById;
  /** True for a location on a disk of this machine, by its id. */
  readonly isNear: (id: string) => Promise<boolean>;
  /** Rejects where the archive can hardly be: for want of room, because its name is taken. */
  readonly check: (location: ArchiveLocation) => Promise<void>;
  readonly startTimer: StartTimer;
  /** Is told why a location was passed over. */
  readonly log: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Places that have not answered when this is over get their copy later. */
const patienceInMs = 10_000;

/**
 * Where a new archive is made: at the first location on a disk of this machine that has room for it, as that costs
 * least and the others are copied to from there; where there is none, at all others at once, so that nothing of it has
 * to lie here. One that fails is passed over. Rejects as the first of them did if none is left.
 * @param candidates ids, each once, at least one
 */
export async function chooseTargets(
  candidates: readonly string[],
  choice: TargetChoice,
): Promise<readonly ArchiveLocation[]> {
  return new Choosing(candidates, choice).choose();
}

class Choosing {
  readonly #candidates: readonly string[];
  readonly #choice: TargetChoice;
  readonly #failures = new Map<string, unknown>();

  constructor(candidates: readonly string[], choice: TargetChoice) {
    this.#candidates = candidates;
    this.#choice = choice;
  }

  async choose(): Promise<readonly ArchiveLocation[]> {
    const near: string[] = [];
    for (const id of this.#candidates) if (await this.#isNear(id)) near.push(id);
    for (const id of near) {
      const location = await this.#open(id);
      if (location !== undefined) return [location];
    }
    const far = this.#candidates.filter((id) => !near.includes(id));
    const { startTimer, signal } = this.#choice;
    const opened = await withinPatience(
      far.map((id) => this.#open(id)),
      { isEnough: (location) => location !== undefined, patienceInMs, startTimer },
    );
    signal.throwIfAborted();
    const targets = opened.filter((location) => location !== undefined);
    if (targets.length > 0) return targets;
    const first = this.#failures.get(this.#candidates[0] ?? "");
    throw first instanceof Error ? first : nowhere();
  }

  async #isNear(id: string): Promise<boolean> {
    try {
      return await this.#choice.isNear(id);
    } catch {
      // Opening it tells why.
      return false;
    }
  }

  async #open(id: string): Promise<ArchiveLocation | undefined> {
    const { openLocation, check, signal, log } = this.#choice;
    try {
      const location = await openLocation(id, signal);
      await check(location);
      return location;
    } catch (error) {
      signal.throwIfAborted();
      this.#failures.set(id, error);
      if (this.#candidates.length > 1)
        log(`It cannot be made at ${id}: ${stepErrorOf(error).message}`);
      return undefined;
    }
  }
}

function nowhere(): SafehouseError {
  return new SafehouseError("unreachable", "No location answers at which it could be made");
}
