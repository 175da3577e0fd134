import type { Command } from "commander";
import { removeFromInboxOperation } from "#operations/inbox/remove-from-inbox.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { printable } from "../../output/table.ts";
import { addExamples } from "../options.ts";

export function addInboxRemove(group: Command, runner: CommandRunner): void {
  const command = group
    .command("remove <id>")
    .aliases(["delete", "rm"])
    .description("take an archive out of the inbox; a backup that it has become stays");
  addExamples(command, ["safehouse inbox remove 3f9a1c20b7d4e8563f9a1c20b7d4e856"]);
  runner.attachLinked<CommonFlags>(command, async (context, flags, [id = ""]) => {
    const removed = await context.home.call(removeFromInboxOperation, { entry: id }, { flags });
    const rest = removed.isBackup ? "; the backup that it has become is still there" : "";
    const text = `${printable(removed.path)} is no longer in the inbox${rest}\n`;
    await context.print({ json: removed, text });
  });
}
