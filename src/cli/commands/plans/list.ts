import type { Command } from "commander";
import { uncoveredParts, type UncoveredParts } from "#core/plan/uncovered-parts.ts";
import type { DescribedPlan } from "#jobs/plan/describe-plan.ts";
import type { DamagedPlan } from "#jobs/plan-store-port.ts";
import type { CommandRunner } from "../../command-context.ts";
import { formatTable, printable } from "../../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addHomeOptions } from "../options.ts";
import { describeNow } from "./describe.ts";
import { homeState } from "./home-state.ts";
import { lastText, nextText, uncoveredJson, uncoveredText } from "./plan-output.ts";

export function addPlansList(group: Command, runner: CommandRunner): void {
  const command = group
    .command("list")
    .alias("ls")
    .description("list the plans: when they run, how they ended, and what no plan backs up");
  addHomeOptions(command);
  addExamples(command, ["safehouse plans list"]);
  runner.attach<PlaceFlags>(command, async (context, flags) => {
    const homePlans = context.services.plans(flags);
    const { plans: stored, damaged } = await homePlans.store.read();
    const { console } = context;
    const plans: DescribedPlan[] = [];
    for (const { plan } of stored)
      plans.push(await describeNow(homePlans, plan, { console, count: 1 }));
    const state = await homeState(context, flags);
    const uncovered = state && uncoveredParts(state.parts, plans);
    await context.print({
      json: {
        plans,
        damaged: damaged.map(({ id, error }) => ({ id, message: error.message })),
        uncovered: uncovered && uncoveredJson(uncovered),
      },
      text: toText(plans, damaged, uncovered),
    });
  });
}

function toText(
  plans: readonly DescribedPlan[],
  damaged: readonly DamagedPlan[],
  uncovered: UncoveredParts | undefined,
): string {
  const table =
    plans.length === 0
      ? "There are no plans; make one with: safehouse plans new\n"
      : formatTable(
          [{ title: "PLAN" }, { title: "WHEN" }, { title: "NEXT RUN" }, { title: "LAST RUN" }],
          plans.map((plan) => [plan.id, plan.when, nextText(plan), lastText(plan)]),
        );
  const broken = damaged.map(
    ({ id, error }) =>
      `Plan ${printable(id)} CANNOT BE READ and does not run: ${printable(error.message)}\n`,
  );
  return [table, ...broken, uncovered === undefined ? "" : uncoveredText(uncovered)].join("");
}
