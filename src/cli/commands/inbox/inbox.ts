import type { Command } from "commander";
import type { CommandRunner } from "../../command-context.ts";
import { addInboxDeliver } from "./deliver.ts";
import { addInboxList } from "./list.ts";
import { addInboxRemove } from "./remove.ts";

/** `safehouse inbox` */
export function addInbox(program: Command, runner: CommandRunner): void {
  const group = program
    .command("inbox")
    .description("archives that others bring, and what becomes of them");
  addInboxList(group, runner);
  addInboxDeliver(group, runner);
  addInboxRemove(group, runner);
}
