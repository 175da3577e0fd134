import type { Command } from "commander";
import { describeRun } from "#jobs/runs/describe-run.ts";
import { findRun } from "#jobs/runs/find-run.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { addExamples } from "../options.ts";
import { formatRun } from "./format-run.ts";

export function addRunsInfo(group: Command, runner: CommandRunner): void {
  const command = group
    .command("info <id>")
    .description(
      "tell how far a run is or how it ended, step by step; the beginning of an id will do",
    );
  addExamples(command, ["safehouse runs info 3f9a61c2"]);
  runner.attach<CommonFlags>(command, async (context, flags, [id = ""]) => {
    await using runs = await context.services.openRuns(flags);
    const run = describeRun(await findRun(id, runs.tools));
    await context.print({ json: run, text: formatRun(run) });
  });
}
