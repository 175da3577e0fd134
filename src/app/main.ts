import { runProgram } from "#cli/program.ts";
import { LocalServices } from "./local-services.ts";
import { openTerminal } from "./terminal.ts";

/** The one module that acts when it is imported: the command line of Safehouse. */
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  using terminal = openTerminal();
  await using services = new LocalServices(terminal);
  return await runProgram(args, terminal, services);
}
