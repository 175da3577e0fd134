import type { HomeSettingsStore } from "#jobs/settings-port.ts";

/** What clients of the Supervisor's API have chosen. */
export interface SupervisorSettings {
  readonly daysUntilStale: number;
  /** Conditions that they want ignored; without effect here. */
  readonly ignoreConditions: readonly string[];
  /** Name of the mount that takes new backups; undefined: the default location does. */
  readonly defaultMount: string | undefined;
}

/** As a Supervisor has it. */
const usualDays = 30;

/** Reads them from the settings of the home; what is not understood counts as not chosen. */
export async function readSupervisorSettings(
  store: Pick<HomeSettingsStore, "read">,
): Promise<SupervisorSettings> {
  return parse(await store.read());
}

/** Changes some of them. */
export async function changeSupervisorSettings(
  store: Pick<HomeSettingsStore, "decide">,
  change: Partial<SupervisorSettings>,
): Promise<void> {
  await store.decide((settings) => ({ supervisor: { ...parse(settings), ...change } }));
}

function parse({ supervisor }: Readonly<Record<string, unknown>>): SupervisorSettings {
  const stored = typeof supervisor === "object" && supervisor !== null ? supervisor : {};
  const { daysUntilStale, ignoreConditions, defaultMount } = stored as Record<string, unknown>;
  const isDays = Number.isSafeInteger(daysUntilStale) && Number(daysUntilStale) >= 1;
  return {
    daysUntilStale: isDays ? Number(daysUntilStale) : usualDays,
    ignoreConditions: Array.isArray(ignoreConditions)
      ? ignoreConditions.filter((condition) => typeof condition === "string")
      : [],
    defaultMount: typeof defaultMount === "string" ? defaultMount : undefined,
  };
}
