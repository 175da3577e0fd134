import { setTimeout as pause } from "node:timers/promises";
import { parse } from "valibot";
import { partName, type Part } from "#core/model/part.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { Run } from "#core/model/run.ts";
import type { ChosenParts, StartedRun } from "#api/supervisor/backups/backups-port.ts";
import type { AnyOperation } from "#operations/operation.ts";
import { begunSchema } from "#operations/runs/begun-schema.ts";
import type { HomeTools } from "./home-tools.ts";

/** What a client has asked for. */
export interface RunWish {
  readonly full: boolean;
  /** In the order in which they are dealt with. */
  readonly parts: readonly Part[];
}

/** Of so many runs it is remembered what was asked for. */
const keptWishes = 50;
const lookEveryMs = 100;

/** Runs that clients of the Supervisor's API have begun, carried out by workers. */
export class StartedRuns {
  readonly #tools: HomeTools;
  readonly #wishes = new Map<string, RunWish>();
  #open = 0;

  constructor(tools: HomeTools) {
    this.#tools = tools;
  }

  /** True while one of them has not told its end. */
  get isAtWork(): boolean {
    return this.#open > 0;
  }

  /** What was asked for; undefined for a run that began otherwise, and for one of long ago. */
  wishOf(run: string): RunWish | undefined {
    return this.#wishes.get(run);
  }

  /**
   * Begins a run and waits until it is so far, or has ended. Rejects with what the operation rejects with, and with
   * what the run failed with before it was so far.
   */
  async begin(
    { operation, input, wish }: StartOrder,
    isSoFar: (run: Run) => boolean,
  ): Promise<StartedRun & { readonly run: Run }> {
    const { run: id } = parse(begunSchema, await this.#tools.start(operation, input));
    this.#remember(id, wish);
    this.#open += 1;
    const ended = this.#endOf(id).finally(() => {
      this.#open -= 1;
    });
    const run = await this.#follow(id, isSoFar);
    if (!isSoFar(run)) {
      const error = await ended;
      if (error !== undefined) throw error;
    }
    return { id, ended, run };
  }

  async #endOf(id: string): Promise<SafehouseError | undefined> {
    const { desk, services } = this.#tools.context;
    const end = await desk.end(id);
    if (end?.kind !== "failed") return undefined;
    const error = services.translateError(end.error);
    if (error instanceof SafehouseError) return error;
    return new SafehouseError("incomplete", "It failed by a fault of Safehouse", {
      advice: "See the list of runs and the log",
      cause: error,
    });
  }

  async #follow(id: string, isSoFar: (run: Run) => boolean): Promise<Run> {
    const { services, place, signal } = this.#tools.context;
    await using runs = await services.openRuns(place);
    const { journal, home } = runs.tools;
    for (;;) {
      const open = (await journal.open(home)).find((run) => run.id === id);
      const run = open ?? (await journal.list(home)).find((ended) => ended.id === id);
      if (run === undefined) throw new Error(`The journal does not know the run ${id}`);
      if (run.ended !== undefined || isSoFar(run)) return run;
      await pause(lookEveryMs, undefined, { signal });
    }
  }

  #remember(id: string, wish: RunWish): void {
    this.#wishes.set(id, wish);
    const [oldest] = this.#wishes.keys();
    if (this.#wishes.size > keptWishes && oldest !== undefined) this.#wishes.delete(oldest);
  }
}

/** What is to be begun. */
export interface StartOrder {
  readonly operation: AnyOperation;
  readonly input: unknown;
  readonly wish: RunWish;
}

/** What a client has chosen among the parts that there are. @param chosen undefined: everything */
export function wishFor(chosen: ChosenParts | undefined, there: readonly Part[]): RunWish {
  if (chosen === undefined) return { full: true, parts: there };
  const { homeassistant, addons, folders } = chosen;
  const names: readonly string[] = [
    ...(homeassistant ? ["homeassistant"] : []),
    ...(addons === "ALL" ? [] : addons),
    ...folders,
  ];
  const parts = there.filter(
    (part) => names.includes(partName(part)) || (addons === "ALL" && part.kind === "addon"),
  );
  return { full: false, parts };
}

/** The same as operations have it. */
export function selectionOf(chosen: ChosenParts | undefined): object {
  if (chosen === undefined) return {};
  const { homeassistant, addons, folders } = chosen;
  return { homeassistant, addons: addons === "ALL" ? ["ALL"] : addons, folders };
}
