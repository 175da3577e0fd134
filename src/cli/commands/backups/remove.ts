import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import { atEachCopy } from "#jobs/locations/at-each-copy.ts";
import type { BackupWithCopies } from "#jobs/locations/group-copies.ts";
import type { CommandContext, CommandRunner } from "../../command-context.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { printable } from "../../output/table.ts";
import { addExamples, addLocationOption } from "../options.ts";
import { chosenCopies } from "#jobs/locations/chosen-copies.ts";
import { exitCodeOf, formatOutcomes } from "./format-outcomes.ts";

interface Flags extends PlaceFlags {
  readonly yes?: boolean;
}

export function addBackupsRemove(group: Command, runner: CommandRunner): void {
  const command = group
    .command("remove <slug>")
    .aliases(["delete", "rm"])
    .description("remove a backup wherever it is, or at one location; by slug or file name")
    .option("-y, --yes", "do not ask");
  addLocationOption(command);
  addExamples(command, [
    "safehouse backups remove 7fed74c8 --yes",
    "safehouse backups remove 7fed74c8 --location nas",
  ]);
  runner.attach<Flags>(command, async (context, flags, [reference = ""]) => {
    const { signal } = context;
    await using open = await context.services.openLocations(flags);
    const found = await chosenCopies(open, reference, signal);
    await confirm(context, flags, found.backup);
    const tools = { locations: open.locations, signal };
    const copies = await atEachCopy(found, tools, (location, file) =>
      location.remove(file, signal),
    );
    const removed = copies.find(({ error }) => error === undefined)?.file;
    await context.print({
      json: { removed, slug: found.backup.slug, copies },
      text: formatOutcomes(copies, "Removed"),
    });
    return exitCodeOf(copies);
  });
}

async function confirm(
  { console }: CommandContext,
  flags: Flags,
  { name, copies }: BackupWithCopies,
): Promise<void> {
  if (flags.yes === true || !console.inIsTerminal) return;
  const where = copies.map(
    ({ file, location, pinned }) =>
      `  ${printable(file)} at ${printable(location)}${pinned === true ? ", where it is pinned" : ""}\n`,
  );
  const answer = await console.ask(
    `${where.join("")}Remove "${printable(name ?? "")}" for good? [y/N] `,
  );
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new SafehouseError("cancelled", "Nothing was removed");
}
