import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { lstat, open, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { ByteSource } from "#core/ports.ts";
import { StorageError } from "../errors.ts";
import { checkKey } from "../key.ts";
import type { Incoming, Leftover, StoredObject } from "../provider.ts";
import { translating } from "./errors.ts";
import { systemErrorCode } from "../system-error-code.ts";
import { removeForsakenIn, removeLeftoversIn } from "./leftovers.ts";
import { openFile } from "./object-source.ts";
import { thisProcess } from "../owner.ts";
import { renameWithoutReplacing } from "./rename-without-replacing.ts";
import type { LocalSettings } from "./settings.ts";
import { storedObject } from "./stored-object.ts";
import { syncFolder } from "./sync-folder.ts";
import { temporaryName } from "../temporary-name.ts";

/** What the keys of files that come in would begin with. */
export const incomingFolder = ".safehouse/incoming/";

/** Where an object goes: its folder, which is there, and its own path. */
export interface PlaceOfObject {
  readonly folder: string;
  readonly path: string;
}

/** Does work that makes an object, with its folders made and system errors translated. */
type ForWriting = <Result>(
  key: string,
  signal: AbortSignal,
  work: (place: PlaceOfObject) => Promise<Result>,
) => Promise<Result>;

/** Files that come in lie beside the objects, so that one becomes the other by a rename. */
export class LocalIncoming implements Incoming {
  readonly #settings: LocalSettings;
  readonly #forWriting: ForWriting;

  constructor(settings: LocalSettings, forWriting: ForWriting) {
    this.#settings = settings;
    this.#forWriting = forWriting;
  }

  folder(signal: AbortSignal): Promise<string> {
    const anything = `${incomingFolder}${randomBytes(6).toString("hex")}`;
    return this.#forWriting(anything, signal, async ({ folder }) => {
      await removeLeftIn(folder);
      return folder;
    });
  }

  ownName(): string {
    return temporaryName(thisProcess());
  }

  async open(name: string, signal: AbortSignal): Promise<ByteSource> {
    return openFile(this.#pathOf(name), name, signal);
  }

  async adopt(name: string, key: string, signal: AbortSignal): Promise<StoredObject> {
    const file = this.#pathOf(name);
    return this.#forWriting(key, signal, async ({ folder, path }) => {
      await this.#flush(file, name);
      signal.throwIfAborted();
      await renameWithoutReplacing(file, path);
      await syncFolder(folder);
      return storedObject(key, await lstat(path));
    });
  }

  async remove(name: string, signal: AbortSignal): Promise<void> {
    const file = this.#pathOf(name);
    signal.throwIfAborted();
    await translating(name, async () => {
      try {
        await unlink(file);
      } catch (error) {
        if (systemErrorCode(error) !== "ENOENT") throw error;
      }
    });
  }

  /** Whoever wrote the file has flushed nothing and chosen its mode. */
  async #flush(path: string, name: string): Promise<void> {
    const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
    await using file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    if (!(await file.stat()).isFile())
      throw new StorageError("not-found", `${name} is no regular file`, { key: name });
    await file.chmod(this.#settings.fileMode);
    await file.sync();
  }

  #pathOf(name: string): string {
    checkKey(name);
    if (name.includes("/")) throw new RangeError(`"${name}" is no name of a file`);
    return join(this.#settings.path, incomingFolder, name);
  }
}

/** Removes what nobody goes on with, in the folder in which files come in. */
export async function removeLeftIn(folder: string): Promise<readonly Leftover[]> {
  const search = { folder, prefix: incomingFolder, observer: thisProcess(), now: Date.now() };
  return [...(await removeLeftoversIn(search)), ...(await removeForsakenIn(search))];
}
