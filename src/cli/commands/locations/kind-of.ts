import type { HomeCalls } from "#client/home-calls.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { listKindsOperation, type KindDocument } from "#operations/locations/list-kinds.ts";
import { listLocationsOperation } from "#operations/locations/list-locations.ts";
import type { PlaceFlags } from "#operations/services.ts";
import type { CommandContext } from "../../command-context.ts";

/** Kind of a new location, or of one that there is. Rejects with `usage` and `not-found`. */
export async function kindOf(
  wanted: { readonly kind: string } | { readonly location: string },
  flags: PlaceFlags,
  { home }: CommandContext,
): Promise<KindDocument> {
  const { kinds } = await home.call(listKindsOperation, {}, { flags });
  const name = "kind" in wanted ? wanted.kind : await kindAt(wanted.location, flags, home);
  const found = kinds.find(({ kind }) => kind === name);
  if (found !== undefined) return found;
  throw new SafehouseError("unsupported", `There is no kind of location called ${name}`, {
    subject: name,
    advice: `Use one of these: ${kinds.map(({ kind }) => kind).join(", ")}`,
  });
}

async function kindAt(id: string, flags: PlaceFlags, home: HomeCalls): Promise<string> {
  const { locations } = await home.call(listLocationsOperation, {}, { flags });
  const found = locations.find((location) => location.id === id);
  if (found !== undefined) return found.kind;
  throw new SafehouseError("not-found", `There is no location ${id}`, {
    subject: id,
    advice: "See what there is: safehouse locations list",
  });
}
