/**
 * Names of the plans that name a location, from the plans of a home as they are kept. It looks no further than
 * it has to: a plan that cannot be read as a whole still counts.
 * @param plans JSON value of the setting
 */
export function plansAt(plans: unknown, location: string): readonly string[] {
  return listOf(plans)
    .filter((plan) => listOf(field(plan, "locations")).some(isThat(location)))
    .map((plan) => nameOf(plan) ?? "without a name");
}

function isThat(location: string): (named: unknown) => boolean {
  return (named) => field(named, "location") === location;
}

function nameOf(plan: unknown): string | undefined {
  const name = field(plan, "name") ?? field(plan, "id");
  return typeof name === "string" ? name : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
