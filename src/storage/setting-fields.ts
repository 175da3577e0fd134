import { SafehouseError } from "#core/model/problem.ts";
import { nearestName } from "#core/nearest-name.ts";
import { commonFields } from "./common-settings.ts";
import { readYesOrNo } from "./read-yes-or-no.ts";
import type { CatalogEntry, PlaceSettings, SettingField } from "./catalog.ts";

/** Settings of a kind, with what is secret apart from the rest. */
export interface SortedSettings {
  readonly plain: PlaceSettings;
  readonly secret: Readonly<Record<string, string>>;
}

/**
 * Settings from the texts that a person has typed. Throws `usage` for a name that the kind does not have, and for
 * what is no number. Whether they go together is for the kind's `open` to say.
 */
export function readSettings(
  { title, fields: own }: CatalogEntry,
  texts: Readonly<Record<string, string>>,
): SortedSettings {
  const fields = [...own, ...commonFields];
  const entries = Object.entries(texts).map(([name, text]) => {
    const field = fields.find((known) => known.name === name);
    if (field === undefined) throw unknownField(name, title, fields);
    return { field, value: readValue(field, text) };
  });
  const sorted = Object.groupBy(entries, ({ field }) => (field.secret ? "secret" : "plain"));
  return {
    plain: Object.fromEntries(sorted.plain?.map(({ field, value }) => [field.name, value]) ?? []),
    secret: Object.fromEntries(
      sorted.secret?.map(({ field, value }) => [field.name, String(value)]) ?? [],
    ),
  };
}

function readValue({ name, type }: SettingField, text: string): string | number | boolean {
  if (type === "flag") return readYesOrNo(name, text);
  if (type !== "number") return text;
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(value)) return value;
  throw new SafehouseError("usage", `${name} has to be a number, not "${text}"`, { subject: name });
}

function unknownField(
  name: string,
  title: string,
  fields: readonly SettingField[],
): SafehouseError {
  const names = fields.map((field) => field.name);
  const message = `A location of kind "${title}" has no setting ${name}`;
  const advice = `Did you mean ${nearestName(name, names)}? There are ${names.join(", ")}`;
  return new SafehouseError("usage", message, { subject: name, advice });
}
