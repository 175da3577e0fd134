import { SafehouseError } from "#core/model/problem.ts";
import type { HomePlan } from "#core/plan/home-plan.ts";
import type { HomePlans } from "./home-plans.ts";

/** A plan of the home. Rejects with `not-found`, and with what is wrong with one that is damaged. */
export async function findPlan(plans: Pick<HomePlans, "store">, id: string): Promise<HomePlan> {
  const stored = await plans.store.read();
  const found = stored.plans.find(({ plan }) => plan.id === id)?.plan;
  if (found !== undefined) return found;
  const damaged = stored.damaged.find((plan) => plan.id === id);
  if (damaged !== undefined) throw damaged.error;
  const ids = stored.plans.map(({ plan }) => plan.id).join(", ");
  throw new SafehouseError("not-found", `There is no plan ${id}`, {
    subject: id,
    advice: ids === "" ? "Make one with: safehouse plans new" : `There are ${ids}`,
  });
}
