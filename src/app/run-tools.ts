import { randomUUID } from "node:crypto";
import type { Clock } from "#core/ports.ts";
import type { LookAfterDeath, RunTools } from "#jobs/runs/run-tools.ts";
import { StateRunJournal } from "#state/run-journal.ts";
import type { State } from "#state/open-state.ts";
import { StorageError } from "#storage/errors.ts";
import type { StorageProvider } from "#storage/provider.ts";
import { LocalStorage } from "#storage/local/provider.ts";
import { parseLocalSettings } from "#storage/local/settings.ts";
import { stackStorage } from "#storage/stack.ts";
import { onlyHome } from "./only-home.ts";
import { processes } from "./processes.ts";

export interface RunToolsOptions {
  readonly state: State;
  readonly clock: Clock;
  readonly notice: (sentence: string) => void;
  /** Id that the marker of a folder must carry, if it was set up with one. */
  readonly markerOf: (path: string) => Promise<string | undefined>;
  readonly signal: AbortSignal;
}

/** What runs on this machine are looked after with. */
export function runTools(options: RunToolsOptions): RunTools {
  const { state, clock, notice } = options;
  return {
    journal: new StateRunJournal(state),
    home: onlyHome,
    clock,
    processes,
    startTimer(milliseconds, callback) {
      const timer = setTimeout(callback, milliseconds);
      return () => clearTimeout(timer);
    },
    random: Math.random,
    newId: () => randomUUID().replaceAll("-", ""),
    lookAfterDeath: lookAfterDeath(options),
    notice,
  };
}

/** A location stands in a run by the absolute path of its folder. */
function lookAfterDeath({ markerOf, signal }: RunToolsOptions): LookAfterDeath {
  return async ({ steps, backup, owner }) => {
    const path = steps[0]?.location ?? "";
    try {
      const marker = await markerOf(path);
      const folder = new LocalStorage(parseLocalSettings({ path }));
      const storage = stackStorage(folder, marker === undefined ? {} : { marker });
      await storage.removeLeftovers(signal);
      const made = backup !== undefined && (await isThere(storage, backup.fileName, signal));
      const isSeen = processes.lifeOf(owner) !== "unknown";
      const text = isSeen
        ? "its leftovers were removed"
        : "its leftovers are removed within the hour";
      return { made, texts: { [path]: text } };
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      const text = `its leftovers are removed when the location can be reached (${error.message})`;
      return { made: false, texts: { [path]: text } };
    }
  };
}

async function isThere(
  storage: StorageProvider,
  key: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await storage.stat(key, signal);
    return true;
  } catch (error) {
    if (error instanceof StorageError && error.problem === "not-found") return false;
    throw error;
  }
}
