import { partName } from "#core/model/part.ts";
import type { Part } from "#core/model/part.ts";
import type { Selection } from "#core/model/selection.ts";
import { compilePartRules } from "#core/rules/part-rules.ts";
import type { Rule } from "#core/rules/rule.ts";
import type { RulesPreview } from "../../installation.ts";
import type { HomePaths } from "../home-paths.ts";
import { describeHome } from "./describe-home.ts";
import { countPart } from "./measure-part.ts";

export interface PreviewRequest {
  readonly selection: Selection;
  readonly rules: readonly Rule[];
}

/**
 * Counts what each rule would leave out of a backup, by the walk and the decisions of the backup itself.
 * An entry counts for the rule that decides about it. Reads no content and writes nothing. Chosen parts
 * that this home does not have are not listed.
 */
export async function previewRules(
  paths: HomePaths,
  request: PreviewRequest,
  signal: AbortSignal,
): Promise<RulesPreview> {
  const { selection, rules } = request;
  const state = await describeHome(paths);
  const official = new Map<string, Row>();
  const user: Row[] = rules.map((rule) => ({
    rule: rule.text,
    official: false,
    files: 0,
    bytes: 0,
  }));
  const parts: { part: string; files: number; bytes: number }[] = [];
  for (const part of state.parts.filter((candidate) => isSelected(selection, candidate))) {
    const tally = await countPart(paths, { part, database: selection.database, rules }, signal);
    const compiled = compilePartRules(part, { database: selection.database, rules }).rules;
    const firstUser = compiled.findIndex(({ origin }) => origin === "user");
    compiled.forEach(({ rule, origin }, index) => {
      const row = origin === "user" ? user[index - firstUser] : rowOf(official, rule);
      addTo(row, tally.leftOut[index]);
    });
    parts.push({ part: partName(part), files: tally.files, bytes: tally.bytes });
  }
  return { rules: [...official.values(), ...user], parts };
}

interface Row {
  readonly rule: string;
  readonly official: boolean;
  files: number;
  bytes: number;
}

function rowOf(rows: Map<string, Row>, rule: Rule): Row {
  const row = rows.get(rule.text) ?? { rule: rule.text, official: true, files: 0, bytes: 0 };
  rows.set(rule.text, row);
  return row;
}

function addTo(
  row: Row | undefined,
  counted: { readonly files: number; readonly bytes: number } | undefined,
): void {
  if (row === undefined || counted === undefined) return;
  row.files += counted.files;
  row.bytes += counted.bytes;
}

function isSelected(selection: Selection, part: Part): boolean {
  switch (part.kind) {
    case "homeassistant":
      return selection.homeassistant;
    case "addon":
      return selection.addons.includes(part.slug);
    case "folder":
      return selection.folders.includes(part.name);
    case "supervisor":
      return false;
  }
}
