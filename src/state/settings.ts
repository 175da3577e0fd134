import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SafehouseError } from "#core/model/problem.ts";
import type { State } from "./open-state.ts";
import { replaceFile } from "./replace-file.ts";
import { asStateError, isMissing } from "./state-error.ts";

/** JSON values of a home by name. Whoever reads one checks it: it may be of any version. */
export type HomeSettings = Readonly<Record<string, unknown>>;

/** A change to settings: a value, or undefined to remove the setting. */
export type SettingsChange = Readonly<Record<string, unknown>>;

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
    return settingsOf(this.#load(), home);
  }

  /** Changes some settings of a home and leaves the others. Either all of them change or none. */
  async change(home: string, change: SettingsChange): Promise<void> {
    this.#state.transact(() => {
      const document = this.#load();
      const settings = withoutUndefined({ ...settingsOf(document, home), ...change });
      const changed = { ...document, homes: { ...document.homes, [home]: settings } };
      replaceFile(this.#path, `${JSON.stringify(changed, undefined, 2)}\n`);
    });
  }

  #load(): SettingsDocument {
    const text = readIfThere(this.#path);
    if (text === undefined) return { version: presentVersion, homes: {} };
    return parseDocument(text, this.#path);
  }
}

interface SettingsDocument {
  readonly version: number;
  readonly homes: Readonly<Record<string, HomeSettings>>;
}

const presentVersion = 1;

function settingsOf({ homes }: SettingsDocument, home: string): HomeSettings {
  return (Object.hasOwn(homes, home) ? homes[home] : undefined) ?? {};
}

function parseDocument(text: string, path: string): SettingsDocument {
  const document = parseJson(text, path);
  if (!isObject(document)) throw damaged(path);
  const { version, homes } = document;
  if (typeof version === "number" && version > presentVersion) {
    throw new SafehouseError("unknown-version", `${path} was written by a newer Safehouse`, {
      subject: path,
      advice: "Use the newer version, or another data directory",
    });
  }
  if (version !== presentVersion || !isObject(homes)) throw damaged(path);
  const checked: [string, HomeSettings][] = [];
  for (const [home, settings] of Object.entries(homes)) {
    if (!isObject(settings)) throw damaged(path);
    checked.push([home, settings]);
  }
  return { ...document, version, homes: Object.fromEntries(checked) };
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) throw damaged(path, error);
    throw error;
  }
}

function damaged(path: string, cause?: Error): SafehouseError {
  return new SafehouseError("damaged", `The settings in ${path} cannot be read`, {
    subject: path,
    advice: "Mend the file, or move it away and set Safehouse up again",
    cause,
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function withoutUndefined(settings: HomeSettings): HomeSettings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw asStateError(error, path);
  }
}
