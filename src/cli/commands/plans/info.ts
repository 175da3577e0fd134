import type { Command } from "commander";
import type { HomePlan } from "#core/plan/home-plan.ts";
import { uncoveredParts, type UncoveredParts } from "#core/plan/uncovered-parts.ts";
import { selectParts } from "#core/plan/select-parts.ts";
import type { DescribedPlan } from "#jobs/plan/describe-plan.ts";
import { nameOfNextBackup, type NameSurroundings } from "#jobs/plan/name-of-next-backup.ts";
import type { CommandRunner } from "../../command-context.ts";
import { printable } from "../../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addHomeOptions } from "../options.ts";
import { describeNow, findPlan } from "./describe.ts";
import { homeState } from "./home-state.ts";
import { planText, uncoveredJson, uncoveredText } from "./plan-output.ts";
import { machineZone, wallTime } from "./wall-time.ts";

/** So many coming runs are told. */
const shownRuns = 5;

export function addPlansInfo(group: Command, runner: CommandRunner): void {
  const command = group
    .command("info <id>")
    .description("tell what a plan does, when it runs, how it ended, and what no plan backs up");
  addHomeOptions(command);
  addExamples(command, ["safehouse plans info nightly"]);
  runner.attach<PlaceFlags>(command, async (context, flags, [id = ""]) => {
    const { services, console } = context;
    const plans = services.plans(flags);
    const plan = await findPlan(plans, id);
    const described = await describeNow(plans, plan, { console, count: shownRuns });
    const state = await homeState(context, flags);
    const all = (await plans.store.read()).plans.map((stored) => stored.plan);
    const [next] = described.coming;
    const at = next === undefined ? console.now() : Date.parse(next.at);
    const inHome = state && look(plan, { state, all, at, hostname: services.hostname });
    const { uncovered, ...known } = inHome ?? {};
    await context.print({
      json: { ...described, ...known, uncovered: uncovered && uncoveredJson(uncovered) },
      text: toText(described, inHome),
    });
  });
}

interface InHome {
  /** Of the next backup. */
  readonly nextName: string;
  /** What the plan names and the home does not have. */
  readonly missing: readonly string[];
  readonly uncovered: UncoveredParts;
}

interface Surroundings extends Pick<NameSurroundings, "state" | "hostname"> {
  readonly all: readonly HomePlan[];
  /** When it runs next, in milliseconds since 1970. */
  readonly at: number;
}

function look(plan: HomePlan, { state, all, at, hostname }: Surroundings): InHome {
  return {
    nextName: nameOfNextBackup(plan, { state, now: at, zone: machineZone(), hostname }),
    missing: selectParts(plan.selection, state.parts).missing,
    uncovered: uncoveredParts(state.parts, all),
  };
}

function toText(plan: DescribedPlan, inHome: InHome | undefined): string {
  const zone = plan.schedule?.zone ?? machineZone();
  const coming = plan.coming.map(({ at }) => `  ${wallTime(at, zone)}\n`);
  return [
    planText(plan),
    inHome === undefined ? "" : `Next name    ${printable(inHome.nextName)}\n`,
    coming.length === 0 ? "" : `Coming runs:\n${coming.join("")}`,
    inHome === undefined ? "" : missingText(inHome.missing) + uncoveredText(inHome.uncovered),
  ].join("");
}

function missingText(missing: readonly string[]): string {
  return missing.length === 0 ? "" : `Not in this home: ${printable(missing.join(", "))}\n`;
}
