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
    .option(
      "--tls",
      "HTTPS with fullchain.pem and privkey.pem in the home's ssl folder (SAFEHOUSE_TLS)",
    )
    .option("--tls-certificate <file>", "HTTPS with this certificate (SAFEHOUSE_TLS_CERTIFICATE)")
    .option("--tls-key <file>", "key of the certificate (SAFEHOUSE_TLS_KEY)")
    .option("--proxy <address>", "trust this proxy about whom it serves; may be repeated", collect)
    .option("--ingress <address>", "trust Home Assistant's ingress at this address");
  addExamples(command, ["safehouse serve", "safehouse serve --host 0.0.0.0 --port 8300"]);
  runner.attach<PlaceFlags & ServeOptions>(command, async (context, flags) => {
    await context.services.serve(flags, flags);
  });
}
