import type { Command } from "commander";
import { parseRule } from "#core/rules/parse-rule.ts";
import { resolveSelection } from "#core/plan/resolve-selection.ts";
import type { RulesPreview, Installation } from "#jobs/home.ts";
import type { CommandRunner } from "../../command-context.ts";
import { formatBytes } from "../../output/format-bytes.ts";
import { formatTable } from "../../output/table.ts";
import type { PlaceFlags } from "#jobs/services.ts";
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
  runner.attach<Flags>(command, async (context, flags) => {
    await using home = await context.services.openHome(flags);
    const rules = [...(flags.savedRules ? home.rules : []), ...(flags.rule ?? []).map(parseRule)];
    const selection = await everything(home.installation, flags, context.signal);
    const preview = await home.installation.preview(selection, rules, context.signal);
    await context.print({ json: preview, text: toText(preview) });
  });
}

async function everything(
  installation: Installation,
  flags: Flags,
  signal: AbortSignal,
): Promise<Parameters<Installation["preview"]>[0]> {
  const excludeDatabase = flags.homeassistantExcludeDatabase === true;
  const { parts } = await installation.describe(signal);
  const resolved = resolveSelection(
    { excludeDatabase, folders: [], addons: [] },
    parts,
    "this home",
  );
  return {
    homeassistant: resolved.parts.some(({ kind }) => kind === "homeassistant"),
    database: resolved.database,
    folders: resolved.parts.flatMap((part) => (part.kind === "folder" ? [part.name] : [])),
    addons: resolved.parts.flatMap((part) => (part.kind === "addon" ? [part.slug] : [])),
  };
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
