import type { Command } from "commander";
import { cancelRunOperation } from "#operations/runs/cancel-run.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { exitIncomplete, exitOk } from "../../exit-codes.ts";
import { addExamples } from "../options.ts";
import { formatRun } from "./format-run.ts";

export function addRunsCancel(group: Command, runner: CommandRunner): void {
  const command = group
    .command("cancel <id>")
    .description("end a run, whichever process carries it out, and wait until it has ended");
  addExamples(command, ["safehouse runs cancel 3f9a61c2"]);
  runner.attachLinked<CommonFlags>(command, async (context, flags, [id = ""]) => {
    const run = await context.home.call(cancelRunOperation, { run: id }, { flags });
    await context.print({ json: run, text: formatRun(run) });
    return run.state === "cancelled" ? exitOk : exitIncomplete;
  });
}
