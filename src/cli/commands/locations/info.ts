import type { Command } from "commander";
import { lookAtLocation, type LocationReport } from "#jobs/locations/look-at-location.ts";
import type { DescribedLocation } from "#jobs/locations/location-set-up.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { exitIncomplete, exitOk } from "../../exit-codes.ts";
import { formatBytes } from "../../output/format-bytes.ts";
import { printable } from "../../output/table.ts";
import { formatSilent } from "../backups/format-silent.ts";
import { addExamples } from "../options.ts";
import { findDescribed } from "./find-described.ts";

export function addLocationsInfo(group: Command, runner: CommandRunner): void {
  const command = group
    .command("info <id>")
    .description("tell what a location is like, what is there and how much room it has");
  addExamples(command, ["safehouse locations info nas"]);
  runner.attach<CommonFlags>(command, async (context, flags, [id = ""]) => {
    const { signal } = context;
    await using open = await context.services.openLocations(flags);
    const { setUp, locations, clock } = open;
    const described = findDescribed(await setUp.describe(), id);
    const report = await lookAtLocation(locations, id, { clock, signal });
    const text = `${toText(described, report)}${formatSilent([{ ...described, ...report }])}`;
    await context.print({ json: { ...described, ...report }, text });
    return report.problem === undefined ? exitOk : exitIncomplete;
  });
}

function toText(location: DescribedLocation, report: LocationReport): string {
  const { id, name, kind, where, isDefault, marker, secrets } = location;
  const { backups, bytes, freeBytes } = report;
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
