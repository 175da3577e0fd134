import type { Command } from "commander";
import {
  locationInfoOperation,
  type LocationInfoDocument,
} from "#operations/locations/location-info.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { exitIncomplete, exitOk } from "../../exit-codes.ts";
import { formatBytes } from "../../output/format-bytes.ts";
import { printable } from "../../output/table.ts";
import { formatSilent } from "../backups/format-silent.ts";
import { addExamples } from "../options.ts";

export function addLocationsInfo(group: Command, runner: CommandRunner): void {
  const command = group
    .command("info <id>")
    .description("tell what a location is like, what is there and how much room it has");
  addExamples(command, ["safehouse locations info nas"]);
  runner.attachLinked<CommonFlags>(command, async (context, flags, [id = ""]) => {
    const location = await context.home.call(locationInfoOperation, { location: id }, { flags });
    const text = `${toText(location)}${formatSilent([location])}`;
    await context.print({ json: location, text });
    return location.problem === undefined ? exitOk : exitIncomplete;
  });
}

function toText(location: LocationInfoDocument): string {
  const { id, name, kind, where, isDefault, marker, secrets } = location;
  const { backups, bytes, freeBytes } = location;
  const settings = Object.entries(location.settings).map(([key, value]) => `${key}=${value}`);
  const rows = [
    ["Id", id],
    ["Name", name],
    ["Kind", kind],
    ["Where", where],
    ["Settings", [...settings, ...secrets.map((secret) => `${secret} (secret)`)].join(", ")],
    ["Default", isDefault ? "yes" : "no"],
    ["Marker", marker ?? "none"],
    ["Backups", `${backups} (${formatBytes(bytes)})`],
    ["Free", freeBytes === undefined ? "not known" : formatBytes(freeBytes)],
  ];
  return rows
    .map(([label = "", value = ""]) => `${label.padEnd(9)} ${printable(value)}\n`)
    .join("");
}
