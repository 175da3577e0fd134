import { boolean, object, optional, string, type InferOutput } from "valibot";
import { partName } from "#core/model/part.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { UncoveredParts } from "#core/plan/uncovered-parts.ts";
import type { Installation } from "#jobs/home.ts";
import type { HomeContext } from "../home-context.ts";
import { listOf } from "../schema/list-of.ts";

/** What no plan backs up. */
export const uncoveredSchema = object({ parts: listOf(string()), database: boolean() });

export function plainUncovered({
  parts,
  database,
}: UncoveredParts): InferOutput<typeof uncoveredSchema> {
  return { parts: parts.map(partName), database };
}

/** What came of a look at the home. */
export const homeLook = {
  /** Sentences about what was recovered. */
  recovered: listOf(string()),
  /** Why what the home has is not known; absent if it is. */
  homeProblem: optional(string()),
};

export interface HomeLook {
  readonly state: Awaited<ReturnType<Installation["describe"]>> | undefined;
  readonly recovered: readonly string[];
  readonly homeProblem: string | undefined;
}

/** What the home has now. Plans can be looked at without it, where it cannot be reached. */
export async function lookAtHome({ services, place, signal }: HomeContext): Promise<HomeLook> {
  try {
    await using home = await services.openHome(place);
    const state = await home.installation.describe(signal);
    return { state, recovered: home.recovered, homeProblem: undefined };
  } catch (error) {
    const known = services.translateError(error);
    if (!(known instanceof SafehouseError) || known.problem === "cancelled") throw error;
    return { state: undefined, recovered: [], homeProblem: known.message };
  }
}
