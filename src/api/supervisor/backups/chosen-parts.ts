import { folderNames } from "#core/model/part.ts";
import { OfficialError } from "../http/official-error.ts";
import type { ChosenParts } from "./backups-port.ts";

/** What a partial request names. */
export interface PartialChoice {
  readonly homeassistant: boolean;
  readonly addons: ChosenParts["addons"];
  /** `homeassistant` among them is Home Assistant itself, as before it had a field of its own. */
  readonly folders: readonly string[];
}

/**
 * The parts that a partial request is about. Throws if it is about nothing, of which a Supervisor makes an almost
 * empty backup.
 */
export function chosenParts(choice: PartialChoice): ChosenParts {
  const { addons } = choice;
  const folders = folderNames.filter((name) => choice.folders.includes(name));
  const homeassistant = choice.homeassistant || choice.folders.includes("homeassistant");
  if (!homeassistant && addons.length === 0 && folders.length === 0)
    throw new OfficialError("Nothing was chosen: name Home Assistant, an add-on or a folder");
  return { homeassistant, addons, folders };
}
