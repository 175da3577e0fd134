import type { Command } from "commander";
import type { PlaceFlags, ServeOptions } from "#operations/services.ts";
import type { CommandRunner } from "../command-context.ts";
import { addExamples, collect } from "./options.ts";

export function addServe(program: Command, runner: CommandRunner): void {
  const command = program
    .command("serve")
    .description("run the server: the page, the API, plans and deliveries")
    .option("--host <address>", "where to listen, 0.0.0.0 for every interface (SAFEHOUSE_HOST)")
    .option("--port <number>", "port to listen on, 8300 without it (SAFEHOUSE_PORT)")
    .option("--host-name <name>", "name of a proxy on this machine; may be repeated", collect)
    .option("--ingress <address>", "trust Home Assistant's ingress at this address");
  addExamples(command, ["safehouse serve", "safehouse serve --host 0.0.0.0 --port 8300"]);
  runner.attach<PlaceFlags & ServeOptions>(command, async (context, flags) => {
    const { host, port, hostName, ingress } = flags;
    await context.services.serve(flags, { host, port, hostName, ingress });
  });
}
