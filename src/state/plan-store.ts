import type { Clock } from "#core/ports.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { parseHomePlan } from "#core/plan/home-plan.ts";
import { recordOf } from "#core/plan/plan-record.ts";
import type { PlanRecords } from "#jobs/plan-records-port.ts";
import type { PlanDocument, PlanStore, StoredPlan, StoredPlans } from "#jobs/plan-store-port.ts";
import { isObject, type JsonObject } from "./home-document.ts";
import type { Settings } from "./settings.ts";

export interface PlanStoreOptions {
  /** Id of the home. */
  readonly home: string;
  readonly settings: Settings;
  /** Is told at once since when a plan is as it is. */
  readonly records: PlanRecords;
  readonly clock: Clock;
}

/** The plans of a home under `plans` in its settings: a list of documents, as people write them. */
export class SettingsPlanStore implements PlanStore {
  readonly #options: PlanStoreOptions;

  constructor(options: PlanStoreOptions) {
    this.#options = options;
  }

  async read(): Promise<StoredPlans> {
    const { settings, home } = this.#options;
    const items = itemsOf(await settings.read(home));
    return {
      plans: items.flatMap(({ stored }) => ("plan" in stored ? [stored] : [])),
      damaged: items.flatMap(({ id, value, stored }) =>
        "error" in stored ? [{ id, document: isObject(value) ? value : {}, ...stored }] : [],
      ),
    };
  }

  async add(document: PlanDocument): Promise<StoredPlan> {
    const added = { plan: parseHomePlan(document), document };
    const { id } = added.plan;
    await this.#revise((items) => {
      refuseTaken(items, id);
      return [...items.map(({ value }) => value), document];
    });
    const { records, clock } = this.#options;
    // Of an earlier plan of this id nothing counts.
    await records.change(id, () => recordOf(added.plan, undefined, clock.now()));
    return added;
  }

  async change(id: string, decide: (document: PlanDocument) => PlanDocument): Promise<StoredPlan> {
    let changed: StoredPlan | undefined;
    await this.#revise((items) => {
      const found = mustFind(items, id);
      const document = decide(isObject(found.value) ? found.value : {});
      const plan = parseHomePlan(document);
      if (plan.id !== id && isObject(found.value) && found.value["id"] === id)
        throw new SafehouseError("usage", `The id of plan ${id} cannot be changed`, {
          subject: id,
          advice: "Make another plan; the backups of this one keep their rule only under its id",
        });
      refuseTaken(
        items.filter((item) => item !== found),
        plan.id,
      );
      changed = { plan, document };
      return items.map(({ value }) => (value === found.value ? document : value));
    });
    if (changed === undefined) throw new Error("The plans were not changed");
    const { plan } = changed;
    const { records, clock } = this.#options;
    // Should this be cut short, the scheduler notices by itself that the timing is another one.
    await records.change(plan.id, (record) => recordOf(plan, record, clock.now()));
    return changed;
  }

  async remove(id: string): Promise<void> {
    await this.#revise((items) => {
      const found = mustFind(items, id);
      return items.filter((item) => item !== found).map(({ value }) => value);
    });
    await this.#options.records.change(id, () => undefined);
  }

  async #revise(decide: (items: readonly Item[]) => readonly unknown[]): Promise<void> {
    const { settings, home } = this.#options;
    await settings.decide(home, (stored) => ({ plans: decide(itemsOf(stored)) }));
  }
}

interface Item {
  readonly id: string;
  /** As it lies in the settings. */
  readonly value: unknown;
  readonly stored: StoredPlan | { readonly error: SafehouseError };
}

function itemsOf({ plans = [] }: JsonObject): readonly Item[] {
  if (!Array.isArray(plans))
    throw new SafehouseError("damaged", "The plans in settings.json are no list", {
      advice: "Mend the file, or put it back from a copy",
    });
  const taken = new Set<string>();
  return plans.map((value: unknown, at) => {
    const own = isObject(value) ? value["id"] : undefined;
    const isTwin = typeof own === "string" && taken.has(own);
    const id = typeof own !== "string" || own === "" || isTwin ? `#${at + 1}` : own;
    taken.add(id);
    return { id, value, stored: isTwin ? twinOf(own) : readItem(value) };
  });
}

function readItem(value: unknown): Item["stored"] {
  try {
    const plan = parseHomePlan(value);
    return { plan, document: isObject(value) ? value : {} };
  } catch (error) {
    if (error instanceof SafehouseError) return { error };
    throw error;
  }
}

function twinOf(id: string): Item["stored"] {
  const message = `A plan before it has the id ${id} too`;
  return { error: new SafehouseError("usage", message, { subject: id }) };
}

function refuseTaken(items: readonly Item[], id: string): void {
  if (items.every((item) => item.id !== id)) return;
  throw new SafehouseError("already-exists", `There is a plan ${id} already`, {
    subject: id,
    advice: `Choose another id, or change that plan with: safehouse plans change ${id}`,
  });
}

function mustFind(items: readonly Item[], id: string): Item {
  const found = items.find((item) => item.id === id);
  if (found !== undefined) return found;
  const ids = items.map((item) => item.id).join(", ");
  throw new SafehouseError("not-found", `There is no plan ${id}`, {
    subject: id,
    advice: ids === "" ? "Make one with: safehouse plans new" : `There are ${ids}`,
  });
}
