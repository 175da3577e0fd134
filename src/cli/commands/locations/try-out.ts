import type { Command } from "commander";
import {
  testLocationOperation,
  type PromiseDocument,
  type StepDocument,
} from "#operations/locations/test-location.ts";
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
  runner.attachLinked<CommonFlags>(command, async (context, flags, [id = ""]) => {
    const tested = await context.home.call(testLocationOperation, { location: id }, { flags });
    const { kept, steps, promises } = tested;
    const lines = [...steps.map(stepLine), ...promises.map(toLine)].join("");
    const end = kept
      ? `Location ${id} is fit for backups\n`
      : `Location ${id} is NOT fit for backups\n`;
    await context.print({ json: tested, text: `${lines}${end}` });
    return kept ? exitOk : exitIncomplete;
  });
}

function stepLine({ ok, message, advice }: StepDocument): string {
  if (ok) return `ok      ${printable(message)}\n`;
  return `FAILED  ${printable(message)}\n${advice === undefined ? "" : `        ${printable(advice)}\n`}`;
}

function toLine({ promise, kept, message }: PromiseDocument): string {
  if (kept) return `kept    ${promise}\n`;
  return `BROKEN  ${promise}: ${printable(message ?? "")}\n`;
}
