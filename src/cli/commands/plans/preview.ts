import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import type { HomePlan } from "#core/plan/home-plan.ts";
import { wordReason } from "#core/retention/word-reason.ts";
import { wordRule } from "#core/retention/word-rule.ts";
import { previewPlan, type LocationPreview, type PlanPreview } from "#jobs/plan/preview-plan.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { formatTable, printable } from "../../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addHomeOptions } from "../options.ts";
import { describeNow, findPlan } from "./describe.ts";
import { homeState } from "./home-state.ts";
import { machineZone, wallTime } from "./wall-time.ts";

interface Flags extends PlaceFlags, CommonFlags {
  readonly runs: string;
}

const mostRuns = 1000;
const nothing = { homeassistantVersion: undefined, parts: [], addons: [] };

export function addPlansPreview(group: Command, runner: CommandRunner): void {
  const command = group
    .command("preview <id>")
    .description("tell when a plan runs, and what its locations keep of these runs, and why")
    .option("--runs <count>", `look so many runs ahead, ${mostRuns} at most`, "14");
  addHomeOptions(command);
  addExamples(command, ["safehouse plans preview nightly --runs 60"]);
  runner.attach<Flags>(command, async (context, flags, [id = ""]) => {
    const count = countOf(flags);
    const { services, console } = context;
    const plans = services.plans(flags);
    const plan = await findPlan(plans, id);
    // As if it ran by itself: a plan is best looked at before it is enabled.
    const { coming } = await describeNow(plans, { ...plan, enabled: true }, { console, count });
    const dates = coming.map(({ at }) => Date.parse(at));
    const preview = previewPlan(plan, {
      state: (await homeState(context, flags)) ?? nothing,
      // A run that is due at this moment comes after it.
      now: (dates[0] ?? console.now()) - 1,
      dates,
      zone: machineZone(),
      hostname: services.hostname,
      copies: new Map(),
    });
    await context.print({ json: toJson(plan, preview), text: toText(plan, preview) });
  });
}

function countOf({ runs }: Flags): number {
  const count = Number(runs);
  if (Number.isInteger(count) && count >= 1 && count <= mostRuns) return count;
  throw new SafehouseError("usage", `--runs has to be a whole number from 1 to ${mostRuns}`);
}

function toJson(plan: HomePlan, { runs, locations }: PlanPreview): unknown {
  return {
    plan: plan.id,
    runs: runs.map(({ at, name }) => ({ at: new Date(at).toISOString(), name })),
    locations: locations.map(({ location, rule, steps }) => ({
      location,
      rule,
      keeps: wordRule(rule),
      steps: steps.flatMap(({ at, made, decisions }) =>
        made === undefined
          ? []
          : {
              at: new Date(at).toISOString(),
              made: made.slug,
              decisions: decisions.map(({ copy, outcome, reasons }) => ({
                run: copy.slug,
                outcome,
                reasons: reasons.map((reason) => ({ ...reason, text: wordReason(reason) })),
              })),
            },
      ),
    })),
  };
}

function toText(plan: HomePlan, preview: PlanPreview): string {
  const zone = plan.schedule?.zone ?? machineZone();
  if (preview.runs.length === 0)
    return `Plan ${plan.id} has no schedule: it runs only when somebody asks\n`;
  const calendar = formatTable(
    [{ title: "RUN" }, { title: "WHEN" }, { title: "NAME" }],
    preview.runs.map(({ at, name }, run) => [`run ${run + 1}`, wallTime(at, zone), name]),
  );
  return [calendar, ...preview.locations.map((place) => locationText(place, zone))].join("\n");
}

function locationText({ location, rule, steps }: LocationPreview, zone: string): string {
  const head = `${printable(location)} keeps ${wordRule(rule)}`;
  const last = steps.at(-1);
  if (last === undefined) return `${head}\n`;
  const decided = steps.flatMap(({ at, decisions }) =>
    decisions
      .filter(({ outcome }) => outcome === "remove" || at === last.at)
      .map(({ copy, outcome, reasons }) => [
        copy.slug,
        outcome === "keep" ? "kept" : `goes ${wallTime(at, zone)}`,
        reasons.map(wordReason).join("; "),
      ]),
  );
  const rows = decided.toSorted(([a = ""], [b = ""]) => Number(a.slice(4)) - Number(b.slice(4)));
  const table = formatTable([{ title: "RUN" }, { title: "OUTCOME" }, { title: "WHY" }], rows);
  return `${head}; of these runs, as if nothing else were there:\n${table}`;
}
