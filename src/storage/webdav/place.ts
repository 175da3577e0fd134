import { StorageError } from "../errors.ts";
import { settledOrAborted } from "../interruptible.ts";
import { checkKey } from "../key.ts";
import type { FreeSpace, StoredObject } from "../provider.ts";
import { Refusal } from "./answer.ts";
import { DavClient } from "./dav-client.ts";
import { translating, type Doing } from "./errors.ts";
import type { DavEntry } from "./multistatus.ts";
import { encodeName } from "./names.ts";
import { modifiedAt, nameIn, objectOf, objectProperties } from "./resource.ts";
import type { WebdavSettings } from "./settings.ts";
import { isTemporaryName } from "./temporary-name.ts";

/** What lies in a folder of the place, unfinished objects included. */
export interface Lying {
  readonly name: string;
  readonly entry: DavEntry;
}

/** A folder at a server and what lies in it: everything that the ways of writing share. */
export class WebdavPlace {
  readonly client: DavClient;
  readonly settings: WebdavSettings;
  /** Folders that were there when we last needed them. */
  readonly #folders = new Set<string>();
  /** Folders are made one after the other: of two requests at once for the same, servers refuse one in odd ways. */
  #making: Promise<void> = Promise.resolve();
  #isApache: boolean | undefined;

  constructor(settings: WebdavSettings) {
    this.settings = settings;
    this.client = new DavClient(settings);
  }

  doing(key?: string): Doing {
    return { host: this.client.host, key };
  }

  /** Path of a key; a `RangeError` for one that no object can have. */
  pathOf(key: string): string {
    checkKey(key);
    if (key.split("/").some(isTemporaryName)) {
      throw new RangeError(`"${key}" is a name for unfinished objects`);
    }
    return this.pathBeside(key, undefined);
  }

  /** Path of another name in the folder of that key; without a name that of the key. */
  pathBeside(key: string, name: string | undefined): string {
    const names = key.split("/").map(encodeName);
    if (name !== undefined) names.splice(-1, 1, name);
    return this.client.path([...this.settings.folder, ...names]);
  }

  /** An object; undefined if there is none. */
  async find(key: string, signal: AbortSignal): Promise<StoredObject | undefined> {
    const path = this.pathOf(key);
    return translating(this.doing(key), signal, async () => {
      const entry = await this.entryAt(path, signal);
      if (entry === undefined) await this.checkThere(signal);
      return entry === undefined || entry.isFolder ? undefined : objectOf(key, entry);
    });
  }

  /** Whatever lies at a path; undefined if nothing does. */
  async entryAt(path: string, signal: AbortSignal): Promise<DavEntry | undefined> {
    try {
      return await this.client.propertiesOf(path, objectProperties, signal);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async stat(key: string, signal: AbortSignal): Promise<StoredObject> {
    const found = await this.find(key, signal);
    if (found !== undefined) return found;
    const message = `There is no ${key} at ${this.client.host}`;
    throw new StorageError("not-found", message, { key });
  }

  async checkAbsent(key: string, signal: AbortSignal): Promise<void> {
    if ((await this.find(key, signal)) === undefined) return;
    throw new StorageError("already-exists", `There is a ${key} already`, { key });
  }

  /** Rejects with `unreachable` unless the folder of the place is there. */
  async checkThere(signal: AbortSignal): Promise<void> {
    const path = this.client.path(this.settings.folder, true);
    const entry = await this.entryAt(path, signal);
    if (entry?.isFolder === true) return;
    const folder = `/${this.settings.folder.join("/")}`;
    throw new StorageError("unreachable", `There is no folder ${folder} at ${this.client.host}`);
  }

  /** What lies in a folder, in pages; nothing if there is no such folder. @param folder `""` or `name/` */
  async *lyingIn(
    folder: string,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Lying[], void, undefined> {
    const names = folder.split("/").filter(Boolean).map(encodeName);
    const path = [...this.settings.folder, ...names];
    const question = {
      path: this.client.path(path, true),
      depth: 1,
      names: objectProperties,
    } as const;
    try {
      for await (const entries of this.client.properties(question, signal)) {
        const found = entries.flatMap((entry) => {
          const name = nameIn(path, entry);
          return name === undefined || entry.isFolder ? [] : [{ name, entry }];
        });
        if (found.length > 0) yield found;
      }
    } catch (error) {
      if (!isMissing(error)) throw error;
      await this.checkThere(signal);
    }
  }

  /** Does work in the folder of a key, and makes that folder if it is missing. */
  async inFolderOf<Result>(
    key: string,
    signal: AbortSignal,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const folder = key.slice(0, Math.max(0, key.lastIndexOf("/")));
    const isKnown = folder === "" || this.#folders.has(folder);
    if (!isKnown) await this.#makeFolder(folder, signal);
    try {
      return await work();
    } catch (error) {
      if (!isMissing(error) && !(error instanceof Refusal && error.status === 409)) throw error;
      await this.checkThere(signal);
      if (!isKnown || folder === "") throw error;
      // Somebody has removed it since.
      this.#folders.delete(folder);
      await this.#makeFolder(folder, signal);
      return work();
    }
  }

  /** Makes the folder of the place and those above it, as far as they are missing. */
  async makePlace(signal: AbortSignal): Promise<void> {
    await this.#make(this.settings.folder, signal);
  }

  async freeSpace(signal: AbortSignal): Promise<FreeSpace | undefined> {
    const path = this.client.path(this.settings.folder, true);
    const entry = await this.client.propertiesOf(path, quotaProperties, signal);
    const [free, used] = quotaProperties.map((name) => bytesIn(entry?.texts.get(name)));
    if (free === undefined) return undefined;
    return { freeBytes: free, totalBytes: used === undefined ? undefined : free + used };
  }

  /**
   * True if a PUT keeps the old bytes of an object until all of the new ones are there. Of Apache's own module it is
   * known, and it alone says `propset/fs`; a MOVE removes the old object first there.
   */
  async replacesByPut(signal: AbortSignal): Promise<boolean> {
    this.#isApache ??= await this.#asksForApache(signal);
    return this.#isApache;
  }

  async #asksForApache(signal: AbortSignal): Promise<boolean> {
    const path = this.client.path(this.settings.folder, true);
    try {
      const { headers } = await this.client.call({ method: "OPTIONS", path }, [200, 204], signal);
      return String(headers["dav"]).includes("http://apache.org/dav/propset/fs/");
    } catch (error) {
      // Whoever does not answer this question is no Apache.
      if (error instanceof Refusal && error.status !== 401) return false;
      throw error;
    }
  }

  /** How long ago something was last written to, in milliseconds by the server's clock; 0 if it does not tell. */
  silence(entry: DavEntry): number {
    const time = modifiedAt(entry);
    return time === 0 ? 0 : this.client.serverTime - time;
  }

  async #makeFolder(folder: string, signal: AbortSignal): Promise<void> {
    const names = folder.split("/").map(encodeName);
    const { length } = this.settings.folder;
    const turn = this.#making.then(async () => {
      if (this.#folders.has(folder)) return;
      await this.#make([...this.settings.folder, ...names], signal, length);
      this.#folders.add(folder);
    });
    // The next in line has to hear only that it is its turn.
    this.#making = turn.catch(() => undefined);
    await settledOrAborted(turn, signal);
  }

  /** @param kept how many of the names must be there already */
  async #make(names: readonly string[], signal: AbortSignal, kept = 0): Promise<void> {
    const refusal = await this.#tryToMake(names, signal);
    if (refusal === undefined) return;
    const lacksParent = [404, 409].includes(refusal.status) && names.length > 1;
    if (lacksParent && names.length - 1 <= kept) await this.checkThere(signal);
    if (!lacksParent || names.length - 1 <= kept) throw refusal;
    await this.#make(names.slice(0, -1), signal, kept);
    const again = await this.#tryToMake(names, signal);
    if (again !== undefined) throw again;
  }

  /** Why there is no such folder now; undefined if there is. */
  async #tryToMake(names: readonly string[], signal: AbortSignal): Promise<Refusal | undefined> {
    const path = this.client.path(names, true);
    try {
      await this.client.call({ method: "MKCOL", path }, [201, 405], signal);
      return undefined;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // Not every server says 405 for a folder that is there.
      return (await this.entryAt(path, signal))?.isFolder === true ? undefined : error;
    }
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof Refusal && [404, 410].includes(error.status);
}

/** Something else is at work with it. */
export function isLocked(error: unknown): boolean {
  return error instanceof Refusal && error.status === 423;
}

const quotaProperties = ["DAV: quota-available-bytes", "DAV: quota-used-bytes"] as const;

/** Nextcloud says -1, -2 and -3 for what it has not computed, does not know, or does not limit. */
function bytesIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
