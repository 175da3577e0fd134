import type { Command } from "commander";
import type { CommandRunner } from "../command-context.ts";
import { printable } from "../output/table.ts";
import type { PlaceFlags } from "../services.ts";
import { addExamples, addHomeOptions } from "./options.ts";

export function addInit(program: Command, runner: CommandRunner): void {
  const command = program.command("init").description("save where the home lies, so that it need not be said again");
  addHomeOptions(command);
  addExamples(command, [
    "safehouse init --home /srv/homeassistant",
    "safehouse init --config ~/homeassistant --media /mnt/media --location /mnt/nas/backups",
  ]);
  runner.attach<PlaceFlags>(command, async (context, flags) => {
    const { services } = context;
    const { rules, dataDir } = await services.readSettings(flags);
    const paths = await services.resolvePaths(flags);
    await services.saveSettings(flags, { paths, rules });
    const lines = Object.entries(paths).map(([name, path]) => `  ${name}: ${printable(path)}\n`);
    const text = `Saved in ${printable(dataDir)}:\n${lines.join("")}Next: safehouse backups new\n`;
    await context.print({ json: { dataDir, paths }, text });
  });
}
