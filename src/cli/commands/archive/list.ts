import type { Command } from "commander";
import { listArchive, listFiles } from "#jobs/archive/list-archive.ts";
import { openArchiveFile, openHeaders } from "#jobs/archive/open-archive-file.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import { archivePassword } from "../../input/archive-password.ts";
import type { PasswordFlags } from "../../input/password.ts";
import { formatBytes } from "../../output/format-bytes.ts";
import { formatTable, printable } from "../../output/table.ts";
import { addExamples, addPasswordOptions } from "../options.ts";

interface Flags extends PasswordFlags, CommonFlags {
  readonly files?: boolean;
}

export function addArchiveList(group: Command, runner: CommandRunner): void {
  const command = group
    .command("list <file> [part]")
    .alias("ls")
    .description("list the parts of an archive, or the files in them")
    .option("--files", "list the files of all parts");
  addPasswordOptions(command);
  addExamples(command, [
    "safehouse archive list backup.tar",
    "safehouse archive list backup.tar homeassistant",
  ]);
  runner.attach<Flags>(command, (context, flags, [path = "", part]) =>
    part === undefined && flags.files !== true
      ? printParts(context, flags, path)
      : printFiles(context, flags, { path, part }),
  );
}

async function printParts(context: CommandContext, flags: Flags, path: string): Promise<void> {
  const archive = await openHeaders(path, context.services.archiveTools(flags));
  try {
    const listing = await listArchive(archive);
    const rows = listing.parts.map(({ part, size, encryption, member }) => [
      part,
      formatBytes(size),
      encryption,
      member,
    ]);
    const version =
      listing.homeassistantVersion === undefined
        ? ""
        : `, Home Assistant ${listing.homeassistantVersion}`;
    const title = `${printable(listing.name)} (${listing.slug}), ${printable(listing.date)}, ${listing.type}${printable(version)}\n`;
    const missing = listing.missing.map(
      (name) => `Missing: ${name} is named in backup.json, but not in the archive\n`,
    );
    const strangers = listing.strangers.map(
      (name) => `Left alone: ${printable(name)} belongs to no part\n`,
    );
    const table = formatTable(
      [
        { title: "PART" },
        { title: "SIZE", right: true },
        { title: "ENCRYPTION" },
        { title: "MEMBER" },
      ],
      rows,
    );
    await context.print({
      json: listing,
      text: `${title}${table}${missing.join("")}${strangers.join("")}`,
    });
  } finally {
    await archive.source.close();
  }
}

async function printFiles(
  context: CommandContext,
  flags: Flags,
  { path, part }: { readonly path: string; readonly part: string | undefined },
): Promise<void> {
  const { console, services, json, progress, signal } = context;
  const tools = services.archiveTools(flags);
  const warn = (warning: string): void => console.err(`Warning: ${warning}\n`);
  await using file = await openArchiveFile(path, tools, archivePassword(context, flags));
  let first = true;
  for await (const { part: name, entries } of listFiles(file, tools, {
    part,
    report: progress.report,
    signal,
    warn,
  })) {
    progress.clear();
    const lines = entries.map(({ entry, tag }) => {
      if (!json)
        return `${entry.type.padEnd(9)} ${String(entry.size).padStart(12)}  ${name}  ${printable(entry.path)}\n`;
      const document = JSON.stringify({ part: name, ...entry, tag });
      const separator = first ? "[\n" : ",\n";
      first = false;
      return `${separator}${document}`;
    });
    await console.out(lines.join(""));
  }
  if (json) await console.out(first ? "[]\n" : "\n]\n");
}
