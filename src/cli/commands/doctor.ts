import type { Command } from "commander";
import { examineHomeOperation } from "#operations/home/examine-home.ts";
import type { CommandRunner, CommonFlags } from "../command-context.ts";
import { exitIncomplete, exitOk } from "../exit-codes.ts";
import { printable } from "../output/table.ts";
import { addExamples } from "./options.ts";

const marks = { ok: "ok     ", warning: "warning", failed: "FAILED " };

export function addDoctor(program: Command, runner: CommandRunner): void {
  const command = program
    .command("doctor")
    .description("look at everything that backups need, and tell what is wrong with it");
  addExamples(command, ["safehouse doctor"]);
  runner.attachLinked<CommonFlags>(command, async (context, flags) => {
    const { findings } = await context.home.call(examineHomeOperation, {}, { flags });
    const lines = findings.map(({ about, state, message, advice }) => {
      const next = advice === undefined ? "" : `         ${printable(advice)}\n`;
      return `${marks[state]}  ${printable(about)}: ${printable(message)}\n${next}`;
    });
    await context.print({ json: { findings }, text: lines.join("") });
    return findings.some(({ state }) => state === "failed") ? exitIncomplete : exitOk;
  });
}
