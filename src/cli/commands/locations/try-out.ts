import { randomUUID } from "node:crypto";
import type { Command } from "commander";
import { testLocation, type PromiseKept } from "#jobs/locations/test-location.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { exitIncomplete, exitOk } from "../../exit-codes.ts";
import { printable } from "../../output/table.ts";
import { addExamples } from "../options.ts";

export function addLocationsTest(group: Command, runner: CommandRunner): void {
  const command = group
    .command("test <id>")
    .description(
      "try out whether a location keeps what backups are built on; backups are not touched",
    );
  addExamples(command, ["safehouse locations test nas"]);
  runner.attach<CommonFlags>(command, async (context, flags, [id = ""]) => {
    const { signal, progress } = context;
    await using open = await context.services.openLocations(flags);
    const results = await testLocation(await open.locations.storage(id), {
      folder: `safehouse-test-${randomUUID().slice(0, 8)}/`,
      begins: (promise) => progress.report({ step: promise, bytes: 0 }),
      signal,
    });
    const kept = results.every((result) => result.kept);
    await context.print({
      json: { location: id, kept, promises: results },
      text: `${results.map(toLine).join("")}${kept ? `Location ${id} is fit for backups\n` : `Location ${id} is NOT fit for backups\n`}`,
    });
    return kept ? exitOk : exitIncomplete;
  });
}

function toLine({ promise, kept, message }: PromiseKept): string {
  if (kept) return `kept    ${promise}\n`;
  return `BROKEN  ${promise}: ${printable(message ?? "")}\n`;
}
