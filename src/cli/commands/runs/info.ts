import type { Command } from "commander";
import { runInfoOperation } from "#operations/runs/run-info.ts";
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
  runner.attachLinked<CommonFlags>(command, async (context, flags, [id = ""]) => {
    const run = await context.home.call(runInfoOperation, { run: id }, { flags });
    await context.print({ json: run, text: formatRun(run) });
  });
}
