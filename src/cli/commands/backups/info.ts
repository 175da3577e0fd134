import type { Command } from "commander";
import { backupInfoOperation, type BackupInfoDocument } from "#operations/backups/backup-info.ts";
import type { CommandRunner } from "../../command-context.ts";
import { exitIncomplete, exitOk } from "../../exit-codes.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { formatBytes } from "../../output/format-bytes.ts";
import { printable } from "../../output/table.ts";
import { addExamples, addLocationOption } from "../options.ts";
import { formatSilent } from "./format-silent.ts";

export function addBackupsInfo(group: Command, runner: CommandRunner): void {
  const command = group
    .command("info <slug>")
    .description("tell what is in a backup and where it is, by slug or file name");
  addLocationOption(command);
  addExamples(command, ["safehouse backups info 7fed74c8"]);
  runner.attachLinked<PlaceFlags>(command, async (context, flags, [slug = ""]) => {
    const backup = await context.home.call(backupInfoOperation, { backup: slug }, { flags });
    const { copies, silent } = backup;
    await context.print({
      json: backup,
      text: `${toText(backup)}${copies.map(copyText).join("")}${formatSilent(silent)}`,
    });
    return silent.length > 0 ? exitIncomplete : exitOk;
  });
}

type CopyDocument = BackupInfoDocument["copies"][number];

function toText(backup: BackupInfoDocument): string {
  const rows = [
    ["Slug", backup.slug ?? "unknown"],
    ["Name", backup.name ?? "unknown"],
    ["Date", backup.date ?? "unknown"],
    ["Type", backup.type ?? "unknown"],
    ["Home Assistant", homeassistantText(backup)],
    ["Folders", sizes(backup.folders.map(({ name, size }) => [name, size]))],
    ["Add-ons", sizes(backup.addons.map(({ slug, size }) => [slug, size]))],
  ];
  return linesOf(rows);
}

function copyText(copy: CopyDocument): string {
  const rows = [
    ["File", `${copy.file} at ${copy.location}`],
    ["  Size", formatBytes(copy.size)],
    ["  Encrypted", copy.protected === true ? "yes" : "no"],
    ["  Checked", checkedText(copy)],
    ["  Pinned", copy.pinned === undefined ? "not known, so it is kept" : yesOrNo(copy.pinned)],
    ...(copy.note === undefined ? [] : [["  Note", noteText(copy)]]),
    ...copy.problems.map(({ message }) => ["  Problem", message]),
  ];
  return linesOf(rows);
}

function linesOf(rows: readonly (readonly string[])[]): string {
  return rows
    .map(([label = "", value = ""]) => `${label.padEnd(15)} ${printable(value)}\n`)
    .join("");
}

function homeassistantText({ homeassistant }: BackupInfoDocument): string {
  if (homeassistant === undefined) return "not in it";
  const database = homeassistant.databaseIncluded ? "with database" : "without database";
  return `${homeassistant.version ?? "unknown version"}, ${database}`;
}

function sizes(parts: readonly (readonly [name: string, size: number])[]): string {
  return parts.map(([name, size]) => `${name} (${formatBytes(size)})`).join(", ") || "none";
}

function checkedText({ verification }: CopyDocument): string {
  if (verification === undefined) return "not yet";
  return `${verification.verdict} at ${verification.at} (${verification.level})`;
}

function noteText({ noteText: text }: CopyDocument): string {
  return text ?? "encrypted, and no key of the key ring opens it";
}

function yesOrNo(value: boolean): string {
  return value ? "yes" : "no";
}
