import { SafehouseError } from "#core/model/problem.ts";

/** Throws `usage` if more than one of these was said. */
export function atMostOne(said: Readonly<Record<string, unknown>>): void {
  const names = Object.entries(said).filter(([, value]) => value !== undefined);
  if (names.length < 2) return;
  const listed = names.map(([name]) => name).join(" and ");
  throw new SafehouseError("usage", `${listed} exclude each other`);
}
