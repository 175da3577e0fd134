import { existsSync, realpathSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { IndexSink, IndexStore } from "#archive/ports.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { ArchiveTools } from "#jobs/archive/archive-tools.ts";
import { Sidecars } from "#location/sidecars.ts";
import { LocalStorage } from "#storage/local/provider.ts";
import { createLocalFolder, parseLocalSettings } from "#storage/local/settings.ts";
import { writeTree } from "#installation/folder/restore/write-tree.ts";
import { openSpool } from "./spool.ts";
import type { SharedPool } from "./shared-pool.ts";

/** What jobs on a single archive file use on this machine. */
export function archiveFileTools(
  dataDir: string,
  pool: SharedPool,
  signal: AbortSignal,
): ArchiveTools {
  return {
    openFile: async (path) => {
      const real = realPathOf(path);
      if (!existsSync(real)) throw new SafehouseError("not-found", `There is no file ${path}`);
      return folder(dirname(real)).open(basename(real), signal);
    },
    createFile: (path, overwrite) =>
      folder(dirname(resolve(path))).openWrite(basename(path), { overwrite }, signal),
    removeFile: (path) => rm(path, { force: true }),
    replaceFile: (made, path) => rename(made, path),
    openSpool: () => openSpool(join(dataDir, "scratch")),
    indexStores: (path) => [
      new Sidecars(folder(dirname(realPathOf(path)))).indexes(signal),
      ownIndexes(dataDir, signal),
    ],
    ownIndexStore: () => ownIndexes(dataDir, signal),
    writeTree,
    deflatePool: () => pool.open(),
  };
}

function folder(path: string): LocalStorage {
  return new LocalStorage(parseLocalSettings({ path, reserveBytes: 0 }));
}

/** A person may name an archive by way of a link; a missing file is told by whoever opens it. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

/** Indexes of archives that others made, in the data directory; it is made when the first is kept. */
function ownIndexes(dataDir: string, signal: AbortSignal): IndexStore {
  const indexes = new Sidecars(folder(dataDir)).indexes(signal);
  return {
    open: async (slug) => (existsSync(dataDir) ? indexes.open(slug) : undefined),
    create: async (slug): Promise<IndexSink> => {
      await createLocalFolder(dataDir);
      return indexes.create(slug);
    },
  };
}
