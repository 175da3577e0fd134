import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import { changeSharingOperation } from "#operations/sharing/change-sharing.ts";
import { sharingInfoOperation } from "#operations/sharing/sharing-info.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { addExamples } from "../options.ts";
import { sharingText } from "./sharing-text.ts";

export function addSharingInfo(group: Command, runner: CommandRunner): void {
  const command = group.command("info").description("tell how the files of the backups are shared");
  addExamples(command, ["safehouse sharing info"]);
  runner.attachLinked<CommonFlags>(command, async (context, flags) => {
    const sharing = await context.home.call(sharingInfoOperation, {}, { flags });
    await context.print({ json: sharing, text: sharingText(sharing) });
  });
}

interface ChangeFlags extends CommonFlags {
  readonly webdavOverHttp?: boolean;
}

export function addSharingChange(group: Command, runner: CommandRunner): void {
  const command = group
    .command("change")
    .description("change how WebDAV may be reached")
    .option(
      "--webdav-over-http",
      "answer other machines over plain HTTP, too: whoever listens on the network can read the token",
    )
    .option("--no-webdav-over-http", "answer other machines over HTTPS alone, as at first");
  addExamples(command, ["safehouse sharing change --webdav-over-http"]);
  runner.attachLinked<ChangeFlags>(command, async (context, flags) => {
    const { webdavOverHttp } = flags;
    if (webdavOverHttp === undefined)
      throw new SafehouseError("usage", "Nothing is to be changed", {
        advice: "Use --webdav-over-http or --no-webdav-over-http",
      });
    const sharing = await context.home.call(changeSharingOperation, { webdavOverHttp }, { flags });
    await context.print({ json: sharing, text: sharingText(sharing) });
  });
}
