import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import { changeInboxOperation } from "#operations/inbox/change-inbox.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { addExamples, collect } from "../options.ts";

interface Flags extends CommonFlags {
  readonly to?: readonly string[];
  readonly nowhere?: boolean;
}

export function addInboxDeliver(group: Command, runner: CommandRunner): void {
  const command = group
    .command("deliver")
    .description("choose the locations that get a copy of what arrives from now on")
    .option("--to <id>", "a location by its id; may be repeated", collect)
    .option("--nowhere", "leave it where it arrives, as at first");
  addExamples(command, [
    "safehouse inbox deliver --to nas --to cloud",
    "safehouse inbox deliver --nowhere",
  ]);
  runner.attachLinked<Flags>(command, async (context, flags) => {
    const { to = [], nowhere } = flags;
    if (to.length > 0 === (nowhere === true))
      throw new SafehouseError("usage", "Say either where to, or nowhere", {
        advice: "Use --to ID or --nowhere",
      });
    const wanted = { deliverTo: [...to] };
    const changed = await context.home.call(changeInboxOperation, wanted, { flags });
    await context.print({ json: changed, text: deliverText(changed.deliverTo) });
  });
}

/** Where arrivals go, in a sentence. */
export function deliverText(deliverTo: readonly string[]): string {
  return deliverTo.length === 0
    ? "What arrives is not delivered on\n"
    : `What arrives is delivered on to ${deliverTo.join(", ")}\n`;
}
