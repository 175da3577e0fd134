import type { Command } from "commander";
import { extractArchive, type ExtractedPart } from "#jobs/archive/extract-archive.ts";
import { openArchiveFile } from "#jobs/archive/open-archive-file.ts";
import type { CommandRunner } from "../../command-context.ts";
import { exitCodes, exitIncomplete, exitOk } from "../../exit-codes.ts";
import { archivePassword } from "../../input/archive-password.ts";
import type { PasswordFlags } from "../../input/password.ts";
import { formatBytes } from "../../output/format-bytes.ts";
import { formatNotes } from "../../output/format-notes.ts";
import { printable } from "../../output/table.ts";
import { addExamples, addPasswordOptions, collect } from "../options.ts";

interface Flags extends PasswordFlags {
  readonly to: string;
  readonly part?: string[];
  readonly path?: string[];
}

export function addArchiveExtract(group: Command, runner: CommandRunner): void {
  const command = group
    .command("extract <file>")
    .description("write the files of an archive below a folder, one folder per part")
    .requiredOption("--to <dir>", "folder to write to; the folders of the parts must not exist yet")
    .option("-p, --part <part>", "only this part; may be repeated", collect)
    .option("--path <glob>", "only what matches, inside the parts; may be repeated", collect);
  addPasswordOptions(command);
  addExamples(command, [
    "safehouse archive extract backup.tar --to out",
    "safehouse archive extract backup.tar --to out --part homeassistant --path '.storage/**'",
  ]);
  runner.attach<Flags>(command, async (context, flags, [path = ""]) => {
    const { services, progress, signal } = context;
    const tools = services.archiveTools(flags);
    await using file = await openArchiveFile(path, tools, archivePassword(context, flags));
    const { part: parts = [], path: paths = [], to } = flags;
    const join = services.joinPath.bind(services);
    const extracted = await extractArchive(file, tools, {
      join,
      to,
      parts,
      paths,
      report: progress.report,
      signal,
    });
    await context.print({
      json: { parts: extracted.map(toJson) },
      text: extracted.map(toText).join(""),
    });
    return exitCodeOf(extracted);
  });
}

function exitCodeOf(parts: readonly ExtractedPart[]): number {
  const error = parts.find((part) => part.error !== undefined)?.error;
  if (error !== undefined) return exitCodes[error.problem];
  const leftOut = parts.some(({ notes }) =>
    notes.some(({ problem }) => problem !== "outside-link"),
  );
  return leftOut ? exitIncomplete : exitOk;
}

function toJson({ error, ...part }: ExtractedPart): unknown {
  return {
    ...part,
    error: error === undefined ? null : { problem: error.problem, message: error.message },
  };
}

function toText({ part, directory, files, bytes, notes, error }: ExtractedPart): string {
  const line = `${part}: ${files} files, ${formatBytes(bytes)} in ${printable(directory)}\n`;
  const failure = error === undefined ? "" : `  NOT COMPLETE: ${printable(error.message)}\n`;
  return `${line}${failure}${formatNotes(notes)}`;
}
