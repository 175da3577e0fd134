import type { Command } from "commander";
import { setPassword } from "#access/set-password.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import { passwordFromFile } from "../../input/password.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples } from "../options.ts";

interface Flags extends PlaceFlags, CommonFlags {
  readonly passwordFile?: string;
}

export function addAccessPassword(group: Command, runner: CommandRunner): void {
  const command = group
    .command("password")
    .description("set the password of the server, also a forgotten one; signs every browser out")
    .option(
      "--password-file <file>",
      "read it from the first line of a file; else it is asked for on the terminal",
    );
  addExamples(command, ["safehouse access password"]);
  runner.attach<Flags>(command, async (context, flags) => {
    const tools = context.services.access(flags);
    // Before it is asked for: what cannot be read cannot be changed either.
    const { sessions } = await tools.store.read();
    const { environmentPassword } = await setPassword(tools, await newPassword(context, flags));
    const counts = environmentPassword === undefined;
    const notYet =
      "It does not count while the server takes its password from the environment (SAFEHOUSE_ACCESS_PASSWORD)\n";
    await context.print({
      json: { counts, sessionsEnded: sessions.length },
      text: `The password was set; every browser has to sign in again\n${counts ? "" : notYet}`,
    });
  });
}

async function newPassword({ console }: CommandContext, { passwordFile }: Flags): Promise<string> {
  if (passwordFile !== undefined) return passwordFromFile(passwordFile, console);
  if (!console.inIsTerminal)
    throw new SafehouseError("usage", "No password was given", {
      advice: "Use --password-file, or run this on a terminal",
    });
  const password = await console.askSecret("New password: ");
  if ((await console.askSecret("Once more: ")) === password) return password;
  throw new SafehouseError("usage", "The two passwords differ; nothing was changed");
}
