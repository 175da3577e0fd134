import type { FolderName } from "./part.ts";

/** Which parts of a home, or of a backup, a run is about. */
export interface Selection {
  readonly homeassistant: boolean;
  /** Sub-choice of `homeassistant`: the recorder database. */
  readonly database: boolean;
  readonly folders: readonly FolderName[];
  /** Slugs. */
  readonly addons: readonly string[];
}
