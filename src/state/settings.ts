import { join } from "node:path";
import { ofHome, readHomeDocument, type JsonObject } from "./home-document.ts";
import type { State } from "./open-state.ts";
import { replaceFile } from "./replace-file.ts";

/** JSON values of a home by name. Whoever reads one checks it: it may be of any version. */
export type HomeSettings = JsonObject;

/** A change to settings: a value, or undefined to remove the setting. */
export type SettingsChange = Readonly<Record<string, unknown>>;

const kind = {
  name: "settings",
  advice: "Mend the file, or move it away and set Safehouse up again",
};

/**
 * The settings of every home, in `settings.json`: a small file that people can read, copy and mend.
 * Unlike the state file it cannot be rebuilt, so a damaged one is never replaced. Unknown settings are
 * kept as they are.
 */
export class Settings {
  readonly #path: string;
  readonly #state: State;

  /** @param state serves as the lock between processes */
  constructor(dataDirectory: string, state: State) {
    this.#path = join(dataDirectory, "settings.json");
    this.#state = state;
  }

  /** Settings of a home; empty if there are none. Rejects with `damaged` and `unknown-version`. */
  async read(home: string): Promise<HomeSettings> {
    return ofHome(readHomeDocument(this.#path, kind), home);
  }

  /** Changes some settings of a home and leaves the others. Either all of them change or none. */
  async change(home: string, change: SettingsChange): Promise<void> {
    await this.decide(home, () => change);
  }

  /**
   * The same for a change that depends on what is there: no other change comes in between. Nothing changes if
   * `decide` throws. It may be called twice, so it has no effects.
   */
  async decide(home: string, decide: (settings: HomeSettings) => SettingsChange): Promise<void> {
    this.#state.transact(() => {
      const document = readHomeDocument(this.#path, kind);
      const before = ofHome(document, home);
      const settings = withoutUndefined({ ...before, ...decide(before) });
      const changed = { ...document, homes: { ...document.homes, [home]: settings } };
      replaceFile(this.#path, `${JSON.stringify(changed, undefined, 2)}\n`);
    });
  }

  /**
   * A setting that is made when it is first asked for, once for all processes.
   * @param accept turns what is stored into the value; throws if it is none
   */
  async ensure<Value>(
    { home, name }: { readonly home: string; readonly name: string },
    make: () => Value,
    accept: (stored: unknown) => Value,
  ): Promise<Value> {
    const known = (await this.read(home))[name];
    if (known !== undefined) return accept(known);
    return this.#state.transact(() => {
      const document = readHomeDocument(this.#path, kind);
      const settings = ofHome(document, home);
      if (settings[name] !== undefined) return accept(settings[name]);
      const value = make();
      const changed = { ...settings, [name]: value };
      const homes = { ...document.homes, [home]: changed };
      replaceFile(this.#path, `${JSON.stringify({ ...document, homes }, undefined, 2)}\n`);
      return value;
    });
  }
}

function withoutUndefined(settings: HomeSettings): HomeSettings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
