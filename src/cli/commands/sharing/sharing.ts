import type { Command } from "commander";
import type { CommandRunner } from "../../command-context.ts";
import { addSharingSamba } from "./samba.ts";
import { addSharingChange, addSharingInfo } from "./change.ts";

/** `safehouse sharing` */
export function addSharing(program: Command, runner: CommandRunner): void {
  const group = program.command("sharing").description("how the files of the backups are shared");
  addSharingInfo(group, runner);
  addSharingChange(group, runner);
  addSharingSamba(group, runner);
}
