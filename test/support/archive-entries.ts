import { createHash } from "node:crypto";
import type { PasswordKeys } from "#format/securetar/password-keys.ts";
import type { ArchiveIndex } from "#archive/index/index-reader.ts";
import type { OpenArchive } from "#archive/read/open-archive.ts";
import { readPart } from "#archive/read/read-part.ts";
import type { Entry } from "#core/model/entry.ts";
import type { TarEvent } from "#format/tar/tar-event.ts";
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
  for (const inner of archive.inner)
    parts[inner.name] = await entriesOfEvents(readPart(archive, inner, { keys, index }));
  return parts;
}

/** The same for the events of one inner archive. */
export async function entriesOfEvents(
  batches: AsyncIterable<readonly TarEvent[]>,
): Promise<Record<string, OfficialEntry>> {
  const entries: Record<string, OfficialEntry> = {};
  let hash = createHash("sha256");
  let finish = (): void => {};
  for await (const events of batches) {
    for (const event of events) {
      if (event.kind === "data") hash.update(event.bytes);
      if (event.kind !== "entry") continue;
      finish();
      const { entry } = event;
      const ours = createHash("sha256");
      hash = ours;
      finish = () => {
        entries[entry.path] = officialEntry(entry, ours.digest("hex"));
      };
    }
  }
  finish();
  return entries;
}

function officialEntry(
  { type, mode, mtime, size, linkTarget }: Entry,
  sha256: string,
): OfficialEntry {
  return {
    type: types[type] ?? "file",
    mode: `0o${mode.toString(8)}`,
    mtime,
    ...(type === "file" ? { size, sha256 } : {}),
    ...(linkTarget === undefined ? {} : { target: linkTarget }),
  };
}
