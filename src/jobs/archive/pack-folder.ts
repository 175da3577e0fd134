import type { ArchiveIndex } from "#archive/index/index-reader.ts";
import { readChecked } from "#archive/verify/check-against-index.ts";
import { TarPacker } from "#archive/write/tar-packer.ts";
import type { Entry } from "#core/model/entry.ts";
import type { PartEvent } from "#core/model/part-event.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { findInner, type ArchiveFile } from "./open-archive-file.ts";

export interface FolderToPack {
  readonly part: string;
  /** Path inside the part, as the archive has it; empty for all of the part. */
  readonly folder: string;
}

/**
 * Writes a tar. `put` gets its bytes, lent until the promise has resolved. Rejects with `damaged` after bytes that may
 * be wrong have been given.
 */
export type PackFolder = (
  put: (bytes: Uint8Array) => Promise<void>,
  signal: AbortSignal,
) => Promise<void>;

/**
 * What writes a folder of a part as a tar of its own, beginning with the folder's name, each file checked against its
 * tag. Rejects with `not-found`, and with `unsupported` for a folder whose names or hard links lead out of it: it could
 * not be unpacked as what it is.
 */
export async function packerOfFolder(
  file: ArchiveFile,
  index: ArchiveIndex,
  { part, folder }: FolderToPack,
): Promise<PackFolder> {
  const inner = findInner(file.archive, part);
  await checkFolder(index, inner.member, folder);
  return async (put, signal) => {
    const packer = new TarPacker(put, {
      tag: index.contentTag(inner.member),
      take: () => undefined,
    });
    let isInside = false;
    for await (const events of readChecked(file.archive, inner, { keys: file.keys, index })) {
      signal.throwIfAborted();
      const kept: PartEvent[] = [];
      for (const event of events) {
        if (event.kind === "entry") {
          const entry = insideOf(folder, event.entry);
          isInside = entry !== undefined;
          if (entry !== undefined) kept.push({ kind: "entry", entry });
        } else if (isInside && event.kind === "data") {
          kept.push(event);
        }
      }
      await packer.write(kept);
    }
    await packer.end();
  };
}

async function checkFolder(index: ArchiveIndex, member: string, folder: string): Promise<void> {
  let isThere = folder === "";
  for await (const entries of index.entries(member))
    for (const { entry } of entries) isThere = insideOf(folder, entry) !== undefined || isThere;
  if (isThere) return;
  throw new SafehouseError("not-found", `There is no folder ${folder} in this part`, {
    subject: folder,
  });
}

/** An entry as the tar of the folder has it; undefined if it lies elsewhere. */
function insideOf(folder: string, entry: Entry): Entry | undefined {
  const path = below(folder, entry.path);
  if (path === undefined) return undefined;
  if (leadsOut(path)) throw strange(entry.path);
  if (entry.type !== "hardlink") return { ...entry, path };
  const linkTarget = below(folder, entry.linkTarget ?? "");
  if (linkTarget === undefined || leadsOut(linkTarget)) throw strange(entry.path);
  return { ...entry, path, linkTarget };
}

/** A path from the folder's own name on; undefined if it lies elsewhere. */
function below(folder: string, path: string): string | undefined {
  const plain = path.replace(/^(?:\.\/+)+/, "");
  if (folder === "") return plain === "." ? undefined : plain;
  if (plain !== folder && !plain.startsWith(`${folder}/`)) return undefined;
  return plain.slice(folder.lastIndexOf("/") + 1);
}

function leadsOut(path: string): boolean {
  return path === "" || path.startsWith("/") || path.split("/").includes("..");
}

function strange(path: string): SafehouseError {
  return new SafehouseError("unsupported", `${path} leads out of the folder`, {
    subject: path,
    advice: "Fetch the files one by one",
  });
}
