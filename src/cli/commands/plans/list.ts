import type { Command } from "commander";
import { listPlansOperation, type PlanList } from "#operations/plans/list-plans.ts";
import type { CommandRunner } from "../../command-context.ts";
import { formatTable, printable } from "../../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addHomeOptions } from "../options.ts";
import { tellOfHome } from "./tell-of-home.ts";
import { lastText, nextText, uncoveredText } from "./plan-output.ts";

export function addPlansList(group: Command, runner: CommandRunner): void {
  const command = group
    .command("list")
    .alias("ls")
    .description("list the plans: when they run, how they ended, and what no plan backs up");
  addHomeOptions(command);
  addExamples(command, ["safehouse plans list"]);
  runner.attachLinked<PlaceFlags>(command, async (context, flags) => {
    const { recovered, homeProblem, ...listed } = await context.home.call(
      listPlansOperation,
      {},
      { flags },
    );
    tellOfHome(context, { recovered, homeProblem });
    await context.print({ json: listed, text: toText(listed) });
  });
}

function toText({
  plans,
  damaged,
  uncovered,
}: Pick<PlanList, "plans" | "damaged" | "uncovered">): string {
  const table =
    plans.length === 0
      ? "There are no plans; make one with: safehouse plans new\n"
      : formatTable(
          [{ title: "PLAN" }, { title: "WHEN" }, { title: "NEXT RUN" }, { title: "LAST RUN" }],
          plans.map((plan) => [plan.id, plan.when, nextText(plan), lastText(plan)]),
        );
  const broken = damaged.map(
    ({ id, message }) =>
      `Plan ${printable(id)} CANNOT BE READ and does not run: ${printable(message)}\n`,
  );
  return [table, ...broken, uncovered === undefined ? "" : uncoveredText(uncovered)].join("");
}
