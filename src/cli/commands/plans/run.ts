import type { Command } from "commander";
import { listKeysOperation } from "#operations/keys/list-keys.ts";
import { runPlanOperation } from "#operations/plans/run-plan.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { exitIncomplete, exitOk } from "../../exit-codes.ts";
import { formatBackup } from "../backups/format-backup.ts";
import { addExamples } from "../options.ts";

export function addPlansRun(group: Command, runner: CommandRunner): void {
  const command = group
    .command("run <id>")
    .description("run a plan now, also one that is not enabled, and wait for its end");
  addExamples(command, ["safehouse plans run nightly"]);
  runner.attachLinked<CommonFlags>(command, async (context, flags, [plan = ""]) => {
    const made = await context.home.carryOut(runPlanOperation, { plan }, { flags });
    const { keys } = await context.home.call(listKeysOperation, {}, { flags });
    const key = keys.find(({ id }) => id === made.key);
    const text = formatBackup(made, { key, declined: key === undefined });
    await context.print({ json: made, text });
    const isWhole = made.copies.every(({ error }) => error === undefined);
    return made.status === "complete" && isWhole ? exitOk : exitIncomplete;
  });
}
