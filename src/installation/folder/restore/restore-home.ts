import type { Clock } from "#core/ports.ts";
import type { HomePaths } from "../home-paths.ts";

/** What a restore works on and with. */
export interface RestoreHome {
  readonly paths: HomePaths;
  readonly clock: Clock;
  /** Called after every change on disk of a swap, an undo or a recovery; tests stop the world there. */
  readonly onStep?: (step: string) => void;
}

/** How long an undo is kept. */
export const undoKeptForMs = 7 * 24 * 60 * 60 * 1000;

export function stepOf(home: RestoreHome): (step: string) => void {
  return home.onStep ?? (() => undefined);
}
