import { sealedMark } from "../model/sealed-mark.ts";

/** A JSON value without the sealed secrets in it, and how many there were. */
export function withoutSealed(value: unknown): { readonly value: unknown; readonly left: number } {
  if (isSealed(value)) return { value: undefined, left: 1 };
  if (Array.isArray(value)) {
    const items = value.map(withoutSealed);
    const kept = items.filter((item) => item.value !== undefined);
    return { value: kept.map((item) => item.value), left: sum(items) };
  }
  if (!isRecord(value)) return { value, left: 0 };
  const fields = Object.entries(value).map(
    ([name, field]) => [name, withoutSealed(field)] as const,
  );
  const kept = fields.flatMap(([name, { value: field }]) =>
    field === undefined ? [] : [[name, field] as const],
  );
  return { value: Object.fromEntries(kept), left: sum(fields.map(([, field]) => field)) };
}

/**
 * A JSON value with those sealed secrets of the present one that it lacks: what an export left out is not lost
 * by importing it again. Items of lists belong together by their `id`.
 */
export function withSealedOf(value: unknown, present: unknown): unknown {
  if (Array.isArray(value) && Array.isArray(present))
    return value.map((item: unknown) => withSealedOf(item, twinOf(item, present)));
  if (!isRecord(value) || !isRecord(present)) return value;
  const merged = Object.entries(value).map(([name, field]) => [
    name,
    withSealedOf(field, own(present, name)),
  ]);
  const lacking = Object.entries(present).filter(([name]) => !Object.hasOwn(value, name));
  const carried = lacking.flatMap(([name, field]) => {
    const sealed = onlySealed(field);
    return sealed === undefined ? [] : [[name, sealed]];
  });
  return Object.fromEntries([...merged, ...carried]) as unknown;
}

/** The sealed secrets of a value, in the objects that hold them; undefined if there are none. */
function onlySealed(value: unknown): unknown {
  if (isSealed(value)) return value;
  if (!isRecord(value)) return undefined;
  const fields = Object.entries(value).flatMap(([name, field]) => {
    const sealed = onlySealed(field);
    return sealed === undefined ? [] : [[name, sealed]];
  });
  return fields.length === 0 ? undefined : (Object.fromEntries(fields) as unknown);
}

function twinOf(item: unknown, present: readonly unknown[]): unknown {
  const id = own(item, "id");
  return id === undefined ? undefined : present.find((other) => own(other, "id") === id);
}

function own(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function sum(values: readonly { readonly left: number }[]): number {
  return values.reduce((total, { left }) => total + left, 0);
}

function isSealed(value: unknown): boolean {
  return typeof value === "string" && value.startsWith(sealedMark);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
