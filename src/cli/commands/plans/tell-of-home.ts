import type { CommandContext } from "../../command-context.ts";
import { printable } from "../../output/table.ts";

/** What came of a look at the home, on standard error; a plan can be told of without it. */
export function tellOfHome(
  { console }: CommandContext,
  {
    recovered,
    homeProblem,
  }: { readonly recovered: readonly string[]; readonly homeProblem?: string | undefined },
): void {
  for (const action of recovered) console.err(`${printable(action)}\n`);
  if (homeProblem !== undefined)
    console.err(`What the home has is not known: ${printable(homeProblem)}\n`);
}
