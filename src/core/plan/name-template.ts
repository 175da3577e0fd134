import { SafehouseError } from "../model/problem.ts";
import { nearestName } from "../nearest-name.ts";
import { cleanName } from "./clean-name.ts";
import { nameVariables, type NameFacts, type NameVariable } from "./name-variables.ts";

/** Home Assistant's own name for automatic backups. */
export const defaultNameTemplate = "Automatic backup {version_ha}";

/** A template made ready. */
export type NameTemplate = (facts: NameFacts) => string;

/**
 * Reads a template for names of backups, such as `{plan} {year}-{month}-{day}`. `{{` and `}}` stand for
 * braces. The template can be used any number of times; with made-up facts it gives a preview.
 *
 * • What comes out is fit to be a name (`cleanName`) and never empty.
 * @throws SafehouseError `usage` for an unknown variable, naming the nearest known one, for a brace that
 * stands alone, and for a template without anything to see in it
 */
export function parseNameTemplate(template: string): NameTemplate {
  const pieces = Array.from(template.matchAll(/\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+/gu), ([piece]) =>
    parsePiece(piece),
  );
  if (pieces.every((piece) => typeof piece === "string") && cleanName(pieces.join("")) === "")
    throw new SafehouseError("usage", "The name template is empty");
  return (facts) => {
    const time = Temporal.Instant.fromEpochMilliseconds(facts.at).toZonedDateTimeISO(facts.zone);
    const name = cleanName(
      pieces.map((piece) => (typeof piece === "string" ? piece : piece(time, facts))).join(""),
    );
    return name === "" ? "Backup" : name;
  };
}

function parsePiece(piece: string): string | NameVariable {
  if (piece === "{{" || piece === "}}") return piece.slice(1);
  if (!/[{}]/u.test(piece)) return piece;
  if (piece.length === 1) {
    throw new SafehouseError("usage", `The name template has a ${piece} without its counterpart`, {
      advice: `Write ${piece}${piece} for a brace by itself`,
    });
  }
  const name = piece.slice(1, -1);
  return nameVariables.get(name) ?? refuseVariable(name);
}

function refuseVariable(name: string): never {
  const known = [...nameVariables.keys()];
  const shown = name.length > 40 ? `${name.slice(0, 40)}…` : name;
  throw new SafehouseError("usage", `The name template has no variable {${shown}} to fill in`, {
    subject: shown,
    advice: `Did you mean {${nearestName(name, known)}}? There are ${known.join(", ")}`,
  });
}
