import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import {
  mostRunsAhead,
  previewPlanOperation,
  type PreviewDocument,
} from "#operations/plans/preview-plan.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { formatTable, printable } from "../../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addHomeOptions } from "../options.ts";
import { tellOfHome } from "./tell-of-home.ts";
import { machineZone, wallTime } from "./wall-time.ts";

interface Flags extends PlaceFlags, CommonFlags {
  readonly runs: string;
}

type LocationDocument = PreviewDocument["locations"][number];

export function addPlansPreview(group: Command, runner: CommandRunner): void {
  const command = group
    .command("preview <id>")
    .description("tell when a plan runs, and what its locations keep of these runs, and why")
    .option("--runs <count>", `look so many runs ahead, ${mostRunsAhead} at most`, "14");
  addHomeOptions(command);
  addExamples(command, ["safehouse plans preview nightly --runs 60"]);
  runner.attachLinked<Flags>(command, async (context, flags, [id = ""]) => {
    const count = countOf(flags);
    const wanted = { plan: id, runs: count };
    const { recovered, homeProblem, ...preview } = await context.home.call(
      previewPlanOperation,
      wanted,
      { flags },
    );
    tellOfHome(context, { recovered, homeProblem });
    await context.print({ json: preview, text: toText(preview) });
  });
}

function countOf({ runs }: Flags): number {
  const count = Number(runs);
  if (Number.isInteger(count) && count >= 1 && count <= mostRunsAhead) return count;
  throw new SafehouseError("usage", `--runs has to be a whole number from 1 to ${mostRunsAhead}`);
}

function toText(preview: Omit<PreviewDocument, "recovered">): string {
  const zone = preview.zone ?? machineZone();
  if (preview.runs.length === 0)
    return `Plan ${preview.plan} has no schedule: it runs only when somebody asks\n`;
  const calendar = formatTable(
    [{ title: "RUN" }, { title: "WHEN" }, { title: "NAME" }],
    preview.runs.map(({ at, name }, run) => [`run ${run + 1}`, wallTime(at, zone), name]),
  );
  return [calendar, ...preview.locations.map((place) => locationText(place, zone))].join("\n");
}

function locationText({ location, keeps, steps }: LocationDocument, zone: string): string {
  const head = `${printable(location)} keeps ${keeps}`;
  const last = steps.at(-1);
  if (last === undefined) return `${head}\n`;
  const decided = steps.flatMap(({ at, decisions }) =>
    decisions
      .filter(({ outcome }) => outcome === "remove" || at === last.at)
      .map(({ run, outcome, reasons }) => [
        run,
        outcome === "keep" ? "kept" : `goes ${wallTime(at, zone)}`,
        reasons.map(({ text }) => text).join("; "),
      ]),
  );
  const rows = decided.toSorted(([a = ""], [b = ""]) => Number(a.slice(4)) - Number(b.slice(4)));
  const table = formatTable([{ title: "RUN" }, { title: "OUTCOME" }, { title: "WHY" }], rows);
  return `${head}; of these runs, as if nothing else were there:\n${table}`;
}
