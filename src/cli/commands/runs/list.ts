import type { Command } from "commander";
import { listRunsOperation, mostRuns } from "#operations/runs/list-runs.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { formatTable } from "../../output/table.ts";
import { addExamples } from "../options.ts";
import { runColumns, runRow } from "./format-run.ts";

export function addRunsList(group: Command, runner: CommandRunner): void {
  const command = group
    .command("list")
    .alias("ls")
    .description("list the runs: what is being done, and what was done, newest first");
  addExamples(command, ["safehouse runs list", "safehouse runs list --json"]);
  runner.attachLinked<CommonFlags>(command, async (context, flags) => {
    const { home } = context;
    const { runs: listed } = await home.call(listRunsOperation, { limit: mostRuns }, { flags });
    const text =
      listed.length === 0
        ? "No runs yet; a backup is one: safehouse backups new\n"
        : formatTable(runColumns, listed.map(runRow));
    await context.print({ json: { runs: listed }, text });
  });
}
