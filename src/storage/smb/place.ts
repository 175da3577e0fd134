import { StorageError } from "../errors.ts";
import { checkKey } from "../key.ts";
import type { StoredObject } from "../provider.ts";
import { asStorageError } from "./errors.ts";
import { fileNameOf } from "./file-name.ts";
import { access, disposition, sharing, SmbFile, type OpenRequest } from "./protocol/file.ts";
import { isStatus } from "./protocol/smb-error.ts";
import type { SmbTree } from "./protocol/tree.ts";
import type { SmbSettings } from "./settings.ts";
import { ShareSession } from "./share-session.ts";
import { kindOfTemporaryName } from "./temporary-name.ts";
import { whereOf } from "./where.ts";

/** Paths from the top of the share, with names joined by `\`. */
export interface ObjectPath {
  readonly folder: string;
  readonly path: string;
}

/** A folder of a share: where keys lie in it, and whether it is there. */
export class SmbPlace {
  /** For people: `//host/share/path`. */
  readonly where: string;
  readonly root: string;
  readonly #folders: readonly string[];
  readonly #session: ShareSession;

  constructor(settings: SmbSettings) {
    this.where = whereOf(settings);
    this.#folders = settings.folders;
    this.root = settings.folders.join("\\");
    this.#session = new ShareSession(settings);
  }

  /** Throws `RangeError` for keys that nobody may have. */
  pathOf(key: string): ObjectPath {
    checkKey(key);
    const names = key.split("/");
    if (names.some((name) => kindOfTemporaryName(name) !== undefined))
      throw new RangeError(`"${key}" is a name for unfinished objects`);
    const folder = this.folderOf(names.slice(0, -1));
    return { folder, path: joined(folder, fileNameOf(names.at(-1) ?? "")) };
  }

  folderOf(names: readonly string[]): string {
    return [...this.#folders, ...names.map((name) => fileNameOf(name))].join("\\");
  }

  /**
   * Does work at the place, and tells of what goes wrong as `StorageError`. What was not found in a place that is not there
   * is `unreachable`.
   */
  async at<Result>(
    key: string | undefined,
    signal: AbortSignal,
    work: (tree: SmbTree) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await this.#session.use(signal, async (tree) => {
        try {
          return await work(tree);
        } catch (error) {
          if (isNotThere(error)) await this.checkThere(tree, signal);
          throw error;
        }
      });
    } catch (error) {
      throw this.storageError(error, key);
    }
  }

  /** What went wrong with an object, or with the place, as a `StorageError`; other errors as they are. */
  storageError(error: unknown, key?: string): unknown {
    return asStorageError(error, { key, where: this.where });
  }

  /** Translates what goes wrong with an object outside of `at`. */
  async translating<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw this.storageError(error, key);
    }
  }

  stat(key: string, signal: AbortSignal): Promise<StoredObject> {
    const { path } = this.pathOf(key);
    return this.at(key, signal, async (tree) => {
      const file = await SmbFile.open(tree, { ...looking, path }, signal);
      await file.close(signal);
      return storedObject(key, file);
    });
  }

  /** Whether something has the path. */
  async has(tree: SmbTree, path: string, signal: AbortSignal): Promise<boolean> {
    try {
      await (await SmbFile.open(tree, { ...looking, path }, signal)).close(signal);
      return true;
    } catch (error) {
      if (isStatus(error, "FILE_IS_A_DIRECTORY", "STOPPED_ON_SYMLINK")) return true;
      if (isNotThere(error)) return false;
      throw error;
    }
  }

  /** Makes a file for nobody else, and the folders that it lies in. */
  async createFile(
    tree: SmbTree,
    { folder, name }: { readonly folder: string; readonly name: string },
    signal: AbortSignal,
  ): Promise<SmbFile> {
    const request: OpenRequest = {
      path: joined(folder, name),
      access: access.write | access.delete | access.attributes,
      sharing: sharing.none,
      disposition: disposition.create,
      kind: "file",
    };
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await SmbFile.open(tree, request, signal);
      } catch (error) {
        // Some servers say that of folders that are missing.
        const isMissing = isNotThere(error) || (attempt === 1 && isStatus(error, "ACCESS_DENIED"));
        // Somebody else may remove a folder that is still empty, so it is tried again.
        if (attempt === 3 || folder === this.root || !isMissing) throw error;
        await this.#makeFolders(tree, folder, signal);
      }
    }
  }

  /** The place itself is never made. */
  async #makeFolders(tree: SmbTree, folder: string, signal: AbortSignal): Promise<void> {
    const names = folder.split("\\").slice(this.#folders.length);
    for (let count = 1; count <= names.length; count += 1) {
      const path = [...this.#folders, ...names.slice(0, count)].join("\\");
      await makeFolder(tree, path, signal);
    }
  }

  /** Removes the folders of a key from the innermost on, as long as there is nothing in them. */
  async removeEmptyFolders(tree: SmbTree, key: string, signal: AbortSignal): Promise<void> {
    const names = key.split("/").slice(0, -1);
    for (; names.length > 0; names.pop()) {
      const request = { path: this.folderOf(names), access: access.delete, sharing: sharing.all };
      try {
        const folder = await SmbFile.open(
          tree,
          { ...request, disposition: disposition.open, kind: "folder", removes: true },
          signal,
        );
        await folder.close(signal);
      } catch (error) {
        // Something lies in it, or somebody else was quicker. Either way the object is gone.
        if (isStatus(error, ...keptFolder)) return;
        throw error;
      }
    }
  }

  /** Throws `unreachable` unless the folder is there. */
  async checkThere(tree: SmbTree, signal: AbortSignal): Promise<void> {
    if (this.root === "") return;
    try {
      const request = { ...looking, path: this.root, kind: "folder" } as const;
      await (await SmbFile.open(tree, request, signal)).close(signal);
    } catch (cause) {
      if (!isNotThere(cause)) throw cause;
      throw new StorageError("unreachable", `${this.where}: the folder is not there`, { cause });
    }
  }
}

/** How a file is opened only to see what it is. */
const looking = {
  access: access.attributes,
  sharing: sharing.all,
  disposition: disposition.open,
  kind: "file",
} as const;

/** One that is there already is as good. */
export async function makeFolder(tree: SmbTree, path: string, signal: AbortSignal): Promise<void> {
  const request = {
    path,
    access: access.attributes,
    sharing: sharing.all,
    kind: "folder",
  } as const;
  const made = await SmbFile.open(
    tree,
    { ...request, disposition: disposition.openOrCreate },
    signal,
  );
  await made.close(signal);
}

export function storedObject(key: string, { facts }: SmbFile): StoredObject {
  const { size, modifiedAt, version } = facts;
  return { key, size, modifiedAt, version };
}

export function joined(folder: string, name: string): string {
  return folder === "" ? name : `${folder}\\${name}`;
}

export function isNotThere(error: unknown): boolean {
  return isStatus(
    error,
    "OBJECT_NAME_NOT_FOUND",
    "OBJECT_PATH_NOT_FOUND",
    "NOT_A_DIRECTORY",
    "NO_SUCH_FILE",
    "DELETE_PENDING",
  );
}

const keptFolder = [
  "DIRECTORY_NOT_EMPTY",
  "OBJECT_NAME_NOT_FOUND",
  "OBJECT_PATH_NOT_FOUND",
  "NOT_A_DIRECTORY",
  "SHARING_VIOLATION",
  "DELETE_PENDING",
  "ACCESS_DENIED",
  "CANNOT_DELETE",
] as const;
