import type { WatchedRoot } from "./home-alive.ts";
import type { Journal } from "./journal.ts";
import { stageFolder } from "./places.ts";

/** The folders of a journal whose users must not run. */
export function watchedRoots({ id, roots }: Pick<Journal, "id" | "roots">): WatchedRoot[] {
  return roots
    .filter(({ part }) => part.kind === "homeassistant" || part.kind === "addon")
    .filter(({ additive }) => !additive)
    .map(({ root, part }) => ({
      root,
      config: part.kind === "homeassistant",
      scratch: stageFolder(root, id),
    }));
}
