import { statSync } from "node:fs";
import { join } from "node:path";
import type { AccessRecord, AccessStore } from "#access/access-port.ts";
import { accessJson, parseAccess } from "./access-json.ts";
import {
  damagedDocument,
  ofHome,
  readHomeDocument,
  type HomeDocument,
  type JsonObject,
} from "./home-document.ts";
import type { State } from "./open-state.ts";
import { replaceFile } from "./replace-file.ts";
import { asStateError, isMissing } from "./state-error.ts";

const kind = {
  name: "passwords and tokens",
  advice:
    "Put the file back from a copy; without one, stop the server, move the file away and set Safehouse's access up again",
};

/**
 * Who may come in, in `access.json`, a file of its own: an empty record would let the next comer set the
 * password, so a damaged one is never replaced. Secrets are there only as hashes. What another process changes
 * counts from the next reading on.
 */
export class AccessFile implements AccessStore {
  readonly #path: string;
  readonly #home: string;
  readonly #state: State;
  #last: { readonly stamp: string; readonly record: AccessRecord } | undefined;

  /**
   * @param home id of the home
   * @param state serves as the lock between processes
   */
  constructor(dataDirectory: string, home: string, state: State) {
    this.#path = join(dataDirectory, "access.json");
    this.#home = home;
    this.#state = state;
  }

  async read(): Promise<AccessRecord> {
    // Taken before reading: a change in between is then read again next time.
    const stamp = this.#stamp();
    if (this.#last?.stamp === stamp) return this.#last.record;
    const { record } = this.#load();
    this.#last = { stamp, record };
    return record;
  }

  async change(decide: (record: AccessRecord) => AccessRecord): Promise<AccessRecord> {
    return this.#state.transact(() => {
      const before = this.#load();
      const record = decide(before.record);
      if (record !== before.record) this.#save(before, record);
      return record;
    });
  }

  /** Another for every content, since a file is always replaced by a new one. */
  #stamp(): string {
    try {
      const { ino, size, mtimeNs, ctimeNs } = statSync(this.#path, { bigint: true });
      return [ino, size, mtimeNs, ctimeNs].join(" ");
    } catch (error) {
      if (isMissing(error)) return "absent";
      throw asStateError(error, this.#path);
    }
  }

  #load(): LoadedAccess {
    const document = readHomeDocument(this.#path, kind);
    const stored = ofHome(document, this.#home);
    const record = parseAccess(stored);
    if (record === undefined) throw damagedDocument(this.#path, kind);
    return { document, stored, record };
  }

  #save({ document, stored }: LoadedAccess, record: AccessRecord): void {
    const home = accessJson(record, stored);
    const homes = { ...document.homes, [this.#home]: home };
    const text = `${JSON.stringify({ ...document, homes }, undefined, 2)}\n`;
    try {
      replaceFile(this.#path, text);
    } catch (error) {
      throw asStateError(error, this.#path);
    }
  }
}

interface LoadedAccess {
  readonly document: HomeDocument;
  readonly stored: JsonObject;
  readonly record: AccessRecord;
}
