/** Fields of a JSON object; none for everything else. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** Items of a JSON array; none for everything else. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text; an empty one for everything else. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A number; 0 for everything else. */
export function numberOf(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
