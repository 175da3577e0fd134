import type { HomeCalls } from "#client/home-calls.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { listBackupsOperation } from "#operations/backups/list-backups.ts";
import { listKeysOperation } from "#operations/keys/list-keys.ts";
import { listLocationsOperation } from "#operations/locations/list-locations.ts";
import { listPlansOperation } from "#operations/plans/list-plans.ts";
import { listRulesOperation } from "#operations/rules/list-rules.ts";
import { listRunsOperation } from "#operations/runs/list-runs.ts";
import type { Candidate, KnownThing } from "./complete.ts";

/** The things of a home that are named on a command line. Rejects as the operations that list them. */
export async function thingsOfHome(
  thing: KnownThing,
  home: HomeCalls,
  flags: PlaceFlags,
): Promise<readonly Candidate[]> {
  switch (thing) {
    case "backup": {
      const { backups } = await home.call(listBackupsOperation, {}, { flags });
      return backups.map(({ slug, file, name = "" }) => ({ word: slug ?? file, about: name }));
    }
    case "key": {
      const { keys } = await home.call(listKeysOperation, {}, { flags });
      return keys.map(({ id, name }) => ({ word: id, about: name }));
    }
    case "run": {
      const { runs } = await home.call(listRunsOperation, {}, { flags });
      return runs.map(({ id, state, created }) => ({
        word: id.slice(0, 8),
        about: `${state}, ${created.slice(0, 16).replace("T", " ")}`,
      }));
    }
    case "plan": {
      const { plans } = await home.call(listPlansOperation, {}, { flags });
      return plans.map(({ id, name }) => ({ word: id, about: name }));
    }
    case "location": {
      const { locations } = await home.call(listLocationsOperation, {}, { flags });
      return locations.map(({ id, name }) => ({ word: id, about: name }));
    }
    case "rule": {
      const { rules } = await home.call(listRulesOperation, {}, { flags });
      return rules.map((word) => ({ word, about: "" }));
    }
  }
}
