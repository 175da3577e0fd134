import type { Command } from "commander";
import { listKindsOperation, type KindDocument } from "#operations/locations/list-kinds.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { formatTable } from "../../output/table.ts";
import { addExamples } from "../options.ts";
import { kindOf } from "./kind-of.ts";

export function addLocationsKinds(group: Command, runner: CommandRunner): void {
  const command = group
    .command("kinds [kind]")
    .description("list the kinds of places that a location can be, or the settings of one");
  addExamples(command, ["safehouse locations kinds", "safehouse locations kinds sftp"]);
  runner.attachLinked<CommonFlags>(command, async (context, flags, [kind]) => {
    if (kind !== undefined) {
      const found = await kindOf({ kind }, flags, context);
      await context.print({ json: { kinds: [found] }, text: settingsOf(found) });
      return;
    }
    const { kinds } = await context.home.call(listKindsOperation, {}, { flags });
    const rows = kinds.map(({ kind: name, title }) => [name, title]);
    const text = formatTable([{ title: "KIND" }, { title: "PLACE" }], rows);
    await context.print({ json: { kinds }, text });
  });
}

function settingsOf({ fields }: KindDocument): string {
  const rows = fields.map(({ name, title, type, secret }) => [
    name,
    title,
    secret ? "secret: --ask or --from-file" : type === "flag" ? "yes or no" : "",
  ]);
  return formatTable([{ title: "SETTING" }, { title: "IS" }, { title: "" }], rows);
}
