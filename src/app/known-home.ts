import type { KnownHome } from "#core/alerts/gather-facts.ts";
import type { StepError } from "#core/model/run.ts";
import type { RunJournal } from "#jobs/run-journal-port.ts";
import { stepErrorOf } from "#jobs/runs/step-error.ts";
import type { KeyRing, KeyRingStore } from "#keys/key-ring-port.ts";
import type { Settings } from "#state/settings.ts";

export interface KnownHomeTools {
  /** Id of the home. */
  readonly home: string;
  readonly journal: RunJournal;
  readonly keyRing: KeyRingStore;
  readonly settings: Settings;
}

/** What a command can find out of a home without reaching a location. Never rejects: what cannot be read is told. */
export async function knownHome(tools: KnownHomeTools): Promise<KnownHome> {
  const { home, journal, keyRing, settings } = tools;
  const unreadable: (StepError & { readonly what: string })[] = [];
  const read = async <Result>(
    what: string,
    work: () => Promise<Result>,
  ): Promise<Result | undefined> => {
    try {
      return await work();
    } catch (error) {
      unreadable.push({ what, ...stepErrorOf(error) });
      return undefined;
    }
  };
  await read("settings", () => settings.read(home));
  const ring = await read("key ring", () => keyRing.read());
  const runs = await read("journal of runs", () => journal.list(home));
  return {
    plans: undefined,
    runs,
    copies: undefined,
    locationNames: new Map(),
    parts: undefined,
    key: ring && currentKey(ring),
    stoppedPrunes: undefined,
    unreadable,
  };
}

function currentKey({ current, keys }: KeyRing): KnownHome["key"] {
  const key = keys.find(({ id }) => id === current);
  if (key === undefined) return null;
  const { id, name, madeAt, provenAt } = key;
  return { id, name, madeAt: Date.parse(madeAt), isProven: provenAt !== undefined };
}
