import type { Part } from "#core/model/part.ts";

/** Stages that official clients know. They have the older names, whatever the version of the API. */
export type Stage =
  | "home_assistant"
  | "addons"
  | "folders"
  | "finishing_file"
  | "copy_additional_locations"
  | "await_home_assistant_restart";

/** The stage in which a part is dealt with. */
export function stageOfPart({ kind }: Part): Stage | null {
  switch (kind) {
    case "homeassistant":
      return "home_assistant";
    case "addon":
      return "addons";
    case "folder":
      return "folders";
    case "supervisor":
      return null;
  }
}
