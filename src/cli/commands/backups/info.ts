import type { Command } from "commander";
import { findBackup, type ListedBackup } from "#jobs/backup/list-backups.ts";
import type { CommandRunner } from "../../command-context.ts";
import type { PlaceFlags } from "#jobs/services.ts";
import { formatBytes } from "../../output/format-bytes.ts";
import { printable } from "../../output/table.ts";
import { addExamples, addLocationOption } from "../options.ts";

export function addBackupsInfo(group: Command, runner: CommandRunner): void {
  const command = group
    .command("info <slug>")
    .description("tell what is in a backup, by slug or file name");
  addLocationOption(command);
  addExamples(command, ["safehouse backups info 7fed74c8"]);
  runner.attach<PlaceFlags>(command, async (context, flags, [slug = ""]) => {
    await using place = await context.services.openLocation(flags);
    const backup = await findBackup(place.location, slug, context.signal);
    await context.print({ json: backup, text: toText(backup) });
  });
}

function toText(backup: ListedBackup): string {
  const rows = [
    ["Slug", backup.slug ?? "unknown"],
    ["Name", backup.name ?? "unknown"],
    ["Date", backup.date ?? "unknown"],
    ["Type", backup.type ?? "unknown"],
    ["File", `${backup.file} at ${backup.location}`],
    ["Size", formatBytes(backup.size)],
    ["Encrypted", backup.protected === true ? "yes" : "no"],
    ["Home Assistant", homeassistantText(backup)],
    ["Folders", sizes(backup.folders.map(({ name, size }) => [name, size]))],
    ["Add-ons", sizes(backup.addons.map(({ slug, size }) => [slug, size]))],
    ["Checked", checkedText(backup)],
    ...backup.problems.map(({ message }) => ["Problem", message]),
  ];
  return rows
    .map(([label = "", value = ""]) => `${label.padEnd(15)} ${printable(value)}\n`)
    .join("");
}

function homeassistantText({ homeassistant }: ListedBackup): string {
  if (homeassistant === undefined) return "not in it";
  const database = homeassistant.databaseIncluded ? "with database" : "without database";
  return `${homeassistant.version ?? "unknown version"}, ${database}`;
}

function sizes(parts: readonly (readonly [name: string, size: number])[]): string {
  return parts.map(([name, size]) => `${name} (${formatBytes(size)})`).join(", ") || "none";
}

function checkedText({ verification }: ListedBackup): string {
  if (verification === undefined) return "not yet";
  return `${verification.verdict} at ${verification.at} (${verification.level})`;
}
