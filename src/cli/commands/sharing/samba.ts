import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import { beginSambaOperation } from "#operations/sharing/begin-samba.ts";
import { endSambaOperation } from "#operations/sharing/end-samba.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { exitIncomplete, exitOk } from "../../exit-codes.ts";
import { addExamples } from "../options.ts";
import { sharingText } from "./sharing-text.ts";

interface Flags extends CommonFlags {
  readonly port?: string;
  readonly address?: string;
  readonly newPassword?: boolean;
  readonly off?: boolean;
}

export function addSharingSamba(group: Command, runner: CommandRunner): void {
  const command = group
    .command("samba")
    .description("share the folder of backups by Samba, read-only, while the server runs")
    .option("--port <port>", "where it listens (445 at first)")
    .option("--address <address>", "on which address of this machine (all of them at first)")
    .option("--new-password", "make another password; the one before opens nothing any more")
    .option("--off", "share it no longer, and forget the password");
  addExamples(command, [
    "safehouse sharing samba",
    "safehouse sharing samba --port 4450",
    "safehouse sharing samba --off",
  ]);
  runner.attachLinked<Flags>(command, async (context, flags) => {
    const { off, address, newPassword } = flags;
    const port = portOf(flags.port);
    if (off === true) {
      if (port !== undefined || address !== undefined || newPassword === true)
        throw new SafehouseError("usage", "--off goes with no other option");
      const ended = await context.home.call(endSambaOperation, {}, { flags });
      await context.print({ json: ended, text: sharingText(ended) });
      return exitOk;
    }
    const wanted = { port, address, newPassword };
    const begun = await context.home.call(beginSambaOperation, wanted, { flags });
    const { password, samba } = begun;
    await context.print({
      json: begun,
      text: `${sharingText(begun)}${password === undefined ? "" : `Password ${password}\n`}`,
    });
    if (password !== undefined && !context.json)
      context.console.err("The password is not shown again\n");
    return samba?.running === false ? exitIncomplete : exitOk;
  });
}

function portOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (/^\d{1,5}$/u.test(given)) return Number(given);
  throw new SafehouseError("usage", `--port is no port: ${given}`);
}
