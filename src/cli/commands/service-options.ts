import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import type { ServiceOptions } from "#jobs/home.ts";
import type { SavedService } from "#operations/services.ts";

export interface ServiceFlags {
  readonly stopped?: boolean;
  readonly stopCommand?: string;
  readonly startCommand?: string;
  readonly checkUrl?: string;
}

/** Options about keeping Home Assistant away while its files are swapped. */
export function addServiceOptions(command: Command): void {
  addServiceCommands(command).option(
    "--stopped",
    "Home Assistant is stopped, whatever it looks like",
  );
}

/** Options that say how Home Assistant is stopped and started. */
export function addServiceCommands(command: Command): Command {
  return command
    .option("--stop-command <command>", "stops Home Assistant before the swap")
    .option("--start-command <command>", "starts it again afterwards, whatever happened")
    .option("--check-url <url>", "where it answers once it runs: wait for that after its start");
}

export function serviceOptions(flags: ServiceFlags): ServiceOptions {
  return { ...serviceCommands(flags), stopped: flags.stopped === true };
}

/** Commands to be saved: those that were saved before, changed by flags; an empty flag forgets one. */
export function changedService(saved: SavedService | undefined, flags: ServiceFlags): SavedService {
  const { stopCommand, startCommand, checkUrl } = { ...saved, ...flags };
  const given = Object.entries({ stopCommand, startCommand, checkUrl });
  return serviceCommands(Object.fromEntries(given.filter(([, text]) => text !== "")));
}

function serviceCommands(flags: ServiceFlags): SavedService {
  const { stopCommand, startCommand, checkUrl } = flags;
  if (checkUrl !== undefined) refuseUseless(checkUrl, flags);
  return {
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
