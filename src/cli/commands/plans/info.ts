import type { Command } from "commander";
import { planInfoOperation, type PlanInfo } from "#operations/plans/plan-info.ts";
import type { CommandRunner } from "../../command-context.ts";
import { printable } from "../../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addHomeOptions } from "../options.ts";
import { planText, uncoveredText } from "./plan-output.ts";
import { tellOfHome } from "./tell-of-home.ts";
import { machineZone, wallTime } from "./wall-time.ts";

export function addPlansInfo(group: Command, runner: CommandRunner): void {
  const command = group
    .command("info <id>")
    .description("tell what a plan does, when it runs, how it ended, and what no plan backs up");
  addHomeOptions(command);
  addExamples(command, ["safehouse plans info nightly"]);
  runner.attachLinked<PlaceFlags>(command, async (context, flags, [id = ""]) => {
    const { recovered, homeProblem, ...plan } = await context.home.call(
      planInfoOperation,
      { plan: id },
      { flags },
    );
    tellOfHome(context, { recovered, homeProblem });
    await context.print({ json: plan, text: toText(plan) });
  });
}

function toText(plan: Omit<PlanInfo, "recovered">): string {
  const zone = plan.schedule?.zone ?? machineZone();
  const { nextName, missing = [], uncovered } = plan;
  const coming = plan.coming.map(({ at }) => `  ${wallTime(at, zone)}\n`);
  return [
    planText(plan),
    nextName === undefined ? "" : `Next name    ${printable(nextName)}\n`,
    coming.length === 0 ? "" : `Coming runs:\n${coming.join("")}`,
    missingText(missing),
    uncovered === undefined ? "" : uncoveredText(uncovered),
  ].join("");
}

function missingText(missing: readonly string[]): string {
  return missing.length === 0 ? "" : `Not in this home: ${printable(missing.join(", "))}\n`;
}
