/** What becomes of one setting, or of one item in it. */
export interface SettingChange {
  readonly setting: string;
  /** Id of an item in a list, or name of a field; undefined if the setting is changed as a whole. */
  readonly item: string | undefined;
  readonly change: "added" | "changed" | "removed";
}

type Values = ReadonlyMap<string, unknown>;

/** How settings differ. The order of fields in an object makes no difference, that in a list does. */
export function settingChanges(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): readonly SettingChange[] {
  return changesOf(new Map(Object.entries(before)), new Map(Object.entries(after))).flatMap(
    ({ name: setting, change }): readonly SettingChange[] => {
      const from = itemsOf(before[setting]);
      const to = itemsOf(after[setting]);
      if (change !== "changed" || from === undefined || to === undefined)
        return [{ setting, item: undefined, change }];
      const items = changesOf(from, to);
      // Only their order is another one.
      if (items.length === 0) return [{ setting, item: undefined, change }];
      return items.map((item) => ({ setting, item: item.name, change: item.change }));
    },
  );
}

function changesOf(before: Values, after: Values) {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const change = changeOf(before.get(name), after.get(name));
    return change === undefined ? [] : [{ name, change }];
  });
}

function changeOf(before: unknown, after: unknown): SettingChange["change"] | undefined {
  if (before === undefined) return after === undefined ? undefined : "added";
  if (after === undefined) return "removed";
  return canonical(before) === canonical(after) ? undefined : "changed";
}

/** Fields of an object by name, items of a list by id; undefined for all else. */
function itemsOf(value: unknown): Values | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  const items = value.map((item: unknown) => [idOf(item), item] as const);
  const ids = new Set(items.map(([id]) => id));
  if (ids.has(undefined) || ids.size !== items.length) return undefined;
  return new Map(items.map(([id, item]) => [id ?? "", item]));
}

function idOf(item: unknown): string | undefined {
  if (typeof item !== "object" || item === null || !("id" in item)) return undefined;
  return typeof item.id === "string" ? item.id : undefined;
}

/** Equal texts for equal JSON values. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
