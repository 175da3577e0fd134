import { createHash } from "node:crypto";
import type { PasswordKeys } from "#format/securetar/password-keys.ts";
import type { ArchiveIndex } from "#archive/index/index-reader.ts";
import type { OpenArchive } from "#archive/read/open-archive.ts";
import { readPart } from "#archive/read/read-part.ts";
import type { OfficialEntry } from "./official-software.ts";

const types: Readonly<Record<string, OfficialEntry["type"]>> = {
  file: "file",
  directory: "dir",
  symlink: "symlink",
  hardlink: "hardlink",
  fifo: "fifo",
  "character-device": "char",
  "block-device": "block",
};

/** Everything in an archive as we read it, in the words of the official reader. */
export async function entriesOf(
  archive: OpenArchive,
  keys?: PasswordKeys,
  index?: ArchiveIndex,
): Promise<Record<string, Record<string, OfficialEntry>>> {
  const parts: Record<string, Record<string, OfficialEntry>> = {};
  for (const inner of archive.inner) {
    const entries: Record<string, OfficialEntry> = {};
    let hash = createHash("sha256");
    let finish = (): void => {};
    for await (const events of readPart(archive, inner, { keys, index })) {
      for (const event of events) {
        if (event.kind === "data") hash.update(event.bytes);
        if (event.kind !== "entry") continue;
        finish();
        const { path, type, mode, mtime, size, linkTarget } = event.entry;
        const ours = createHash("sha256");
        hash = ours;
        finish = () => {
          entries[path] = {
            type: types[type] ?? "file",
            mode: `0o${mode.toString(8)}`,
            mtime,
            ...(type === "file" ? { size, sha256: ours.digest("hex") } : {}),
            ...(linkTarget === undefined ? {} : { target: linkTarget }),
          };
        };
      }
    }
    finish();
    parts[inner.name] = entries;
  }
  return parts;
}
