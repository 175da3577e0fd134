import type { Command } from "commander";
import type { RulesPreview } from "#jobs/home.ts";
import { previewRulesOperation } from "#operations/rules/preview-rules.ts";
import type { CommandRunner } from "../../command-context.ts";
import { formatBytes } from "../../output/format-bytes.ts";
import { formatTable } from "../../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addHomeOptions, collectWhole } from "../options.ts";

interface Flags extends PlaceFlags {
  readonly rule?: string[];
  readonly savedRules: boolean;
  readonly homeassistantExcludeDatabase?: boolean;
}

export function addRulesPreview(group: Command, runner: CommandRunner): void {
  const command = group
    .command("preview")
    .description("count files and bytes that each rule leaves out, without writing anything")
    .option("--rule <rule>", "try this rule after the saved ones; may be repeated", collectWhole)
    .option("--no-saved-rules", "without the saved rules")
    .option("--homeassistant-exclude-database", "without the recorder database");
  addHomeOptions(command);
  addExamples(command, [
    "safehouse rules preview --rule 'media/**' --rule '!keep.mp4' --rule '*.mp4 > 50 MB' --rule CACHEDIR.TAG",
  ]);
  runner.attachLinked<Flags>(command, async (context, flags) => {
    const wanted = {
      rules: flags.rule ?? [],
      savedRules: flags.savedRules,
      excludeDatabase: flags.homeassistantExcludeDatabase === true,
    };
    const preview = await context.home.call(previewRulesOperation, wanted, { flags });
    await context.print({ json: preview, text: toText(preview) });
  });
}

function toText({ rules, parts }: RulesPreview): string {
  const shown = rules.filter(({ official, files }) => !official || files > 0);
  const left = shown.map(({ rule, official, files, bytes }) => [
    rule,
    official ? "built in" : "yours",
    String(files),
    formatBytes(bytes),
  ]);
  const ruleTable = formatTable(
    [
      { title: "LEFT OUT BY" },
      { title: "RULE OF" },
      { title: "FILES", right: true },
      { title: "SIZE", right: true },
    ],
    left,
  );
  const partTable = formatTable(
    [{ title: "GOES IN" }, { title: "FILES", right: true }, { title: "SIZE", right: true }],
    parts.map(({ part, files, bytes }) => [part, String(files), formatBytes(bytes)]),
  );
  return `${ruleTable}\n${partTable}`;
}
