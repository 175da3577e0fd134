import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import type { ServiceOptions } from "#jobs/home.ts";

export interface ServiceFlags {
  readonly stopped?: boolean;
  readonly stopCommand?: string;
  readonly startCommand?: string;
  readonly checkUrl?: string;
}

/** Options about keeping Home Assistant away while its files are swapped. */
export function addServiceOptions(command: Command): void {
  command
    .option("--stop-command <command>", "stops Home Assistant before the swap")
    .option("--start-command <command>", "starts it again afterwards, whatever happened")
    .option("--check-url <url>", "where it answers once it runs: wait for that after its start")
    .option("--stopped", "Home Assistant is stopped, whatever it looks like");
}

export function serviceOptions(flags: ServiceFlags): ServiceOptions {
  const { stopped, stopCommand, startCommand, checkUrl } = flags;
  if (checkUrl !== undefined) refuseUseless(checkUrl, flags);
  return {
    stopped: stopped === true,
    ...(stopCommand === undefined ? {} : { stopCommand }),
    ...(startCommand === undefined ? {} : { startCommand }),
    ...(checkUrl === undefined ? {} : { checkUrl }),
  };
}

function refuseUseless(checkUrl: string, { stopCommand, startCommand }: ServiceFlags): void {
  if (!/^https?:$/u.test(URL.parse(checkUrl)?.protocol ?? ""))
    throw new SafehouseError("usage", `${checkUrl} is no address of a web server`, {
      advice: "Give it as http://localhost:8123",
    });
  if (stopCommand === undefined || startCommand === undefined)
    throw new SafehouseError("usage", "Nothing would be started that could answer", {
      advice: "Use --check-url together with --stop-command and --start-command",
    });
}
