import type { Command } from "commander";
import { partName } from "#core/model/part.ts";
import type { CommandRunner } from "../command-context.ts";
import { printable } from "../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addHomeOptions } from "./options.ts";
import { addServiceCommands, changedService, type ServiceFlags } from "./service-options.ts";

type Flags = PlaceFlags & ServiceFlags;

export function addInit(program: Command, runner: CommandRunner): void {
  const command = program
    .command("init")
    .description(
      "save where the home lies and how it is stopped for a restore, so that it need not be said again",
    );
  addHomeOptions(command);
  addServiceCommands(command);
  addExamples(command, [
    "safehouse init --home /srv/homeassistant",
    "safehouse init --config ~/homeassistant --media /mnt/media --location /mnt/nas/backups",
    "safehouse init --stop-command 'docker stop homeassistant' --start-command 'docker start homeassistant'",
  ]);
  runner.attach<Flags>(command, async (context, flags) => {
    const { services } = context;
    const { rules, dataDir, service: saved } = await services.readSettings(flags);
    const service = changedService(saved, flags);
    const paths = await services.resolvePaths(flags);
    await services.saveSettings(flags, { paths, rules, service });
    await using home = await services.openHome(flags);
    const { homeassistantVersion, parts } = await home.installation.describe(context.signal);
    const found = parts.map(partName);
    const lines = Object.entries(paths).map(([name, path]) => `  ${name}: ${printable(path)}\n`);
    const commands = Object.entries(service).map(
      ([name, text]) => `  ${serviceNames[name] ?? name}: ${printable(text)}\n`,
    );
    const head = `Saved in ${printable(dataDir)}:\n${lines.join("")}${commands.join("")}`;
    const text = `${head}${foundText(found, homeassistantVersion)}`;
    await context.print({
      json: {
        dataDir,
        paths,
        service,
        homeassistantVersion: homeassistantVersion ?? null,
        parts: found,
      },
      text,
    });
  });
}

const serviceNames: Readonly<Record<string, string>> = {
  stopCommand: "stops it",
  startCommand: "starts it",
  checkUrl: "answers at",
};

function foundText(parts: readonly string[], version: string | undefined): string {
  if (parts.length === 0)
    return "Nothing is there yet: a backup can be restored there, but none can be made\n";
  const which =
    version === undefined ? "No version of Home Assistant was found" : `Home Assistant ${version}`;
  return `${which}; there is ${printable(parts.join(", "))}\nNext: safehouse backups new\n`;
}
