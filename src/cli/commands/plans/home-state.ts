import { SafehouseError } from "#core/model/problem.ts";
import type { Installation } from "#jobs/home.ts";
import type { CommandContext } from "../../command-context.ts";
import { printable } from "../../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";

type State = Awaited<ReturnType<Installation["describe"]>>;

/**
 * What the home has now. Plans can be looked at without it: undefined where it cannot be reached, which is
 * said on standard error.
 */
export async function homeState(
  { services, console, signal }: CommandContext,
  flags: PlaceFlags,
): Promise<State | undefined> {
  try {
    await using home = await services.openHome(flags);
    for (const action of home.recovered) console.err(`${printable(action)}\n`);
    return await home.installation.describe(signal);
  } catch (error) {
    const known = services.translateError(error);
    if (!(known instanceof SafehouseError) || known.problem === "cancelled") throw error;
    console.err(`What the home has is not known: ${printable(known.message)}\n`);
    return undefined;
  }
}
