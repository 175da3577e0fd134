import type { Command } from "commander";
import { cancelRun } from "#jobs/runs/cancel-run.ts";
import { describeRun } from "#jobs/runs/describe-run.ts";
import { findRun } from "#jobs/runs/find-run.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { exitIncomplete, exitOk } from "../../exit-codes.ts";
import { addExamples } from "../options.ts";
import { formatRun } from "./format-run.ts";

export function addRunsCancel(group: Command, runner: CommandRunner): void {
  const command = group
    .command("cancel <id>")
    .description("end a run, whichever process carries it out, and wait until it has ended");
  addExamples(command, ["safehouse runs cancel 3f9a61c2"]);
  runner.attach<CommonFlags>(command, async (context, flags, [id = ""]) => {
    await using runs = await context.services.openRuns(flags);
    const found = await findRun(id, runs.tools);
    const run = describeRun(await cancelRun(found, runs.tools, context.signal));
    await context.print({ json: run, text: formatRun(run) });
    return run.state === "cancelled" ? exitOk : exitIncomplete;
  });
}
