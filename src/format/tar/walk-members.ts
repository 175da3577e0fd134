import { SafehouseError } from "#core/model/problem.ts";
import { tarBlock } from "./padding.ts";
import type { TarEvent } from "./tar-event.ts";
import type { ReadRange, TarMember } from "./tar-member.ts";
import { TarReader } from "./tar-reader.ts";

/** Holds the headers of a member; small, because every member costs one read. */
const windowLength = 4096;

/**
 * Lists the members of an outer archive by their headers alone: about one read of 4 KiB per member,
 * however large they are. What follows the end of the archive is not read.
 *
 * Rejects with `not-a-backup` if the file does not begin with a tar header, and, after the members that
 * stand before the fault, with `damaged` for a bad header and `truncated` for a file that ends too early:
 * in a member, which is named, or before the end of the archive is marked. Members that cannot be an
 * entry (sparse, unknown type, no name) are passed over: no backup has them.
 * @param size bytes of the whole file
 */
export async function* walkMembers(read: ReadRange, size: number): AsyncGenerator<TarMember> {
  checkLength(size);
  const reader = new TarReader();
  while (!reader.ended && reader.offset < size) {
    const bytes = await read(reader.offset, Math.min(windowLength, size - reader.offset));
    if (bytes.length === 0) break;
    for (const event of pushWindow(reader, bytes)) {
      if (event.kind === "entry") yield whole(event, size);
    }
    reader.skipContent();
  }
  reader.end();
}

function checkLength(size: number): void {
  if (size === 0) throw new SafehouseError("truncated", "The file is empty");
  if (size < tarBlock) throw notABackup();
}

function pushWindow(reader: TarReader, bytes: Uint8Array): readonly TarEvent[] {
  const first = reader.offset === 0;
  try {
    return reader.push(bytes);
  } catch (error) {
    const noHeader = first && error instanceof SafehouseError && error.facts?.["offset"] === 0;
    throw noHeader ? notABackup(error) : error;
  }
}

function notABackup(cause?: unknown): SafehouseError {
  return new SafehouseError("not-a-backup", "The file is not an uncompressed tar archive", {
    cause,
  });
}

function whole({ entry, headerOffset, contentOffset }: TarMember, size: number): TarMember {
  const end = contentOffset + entry.size;
  if (end <= size) return { entry, headerOffset, contentOffset };
  throw new SafehouseError(
    "truncated",
    `The file ends ${end - size} bytes before the end of ${JSON.stringify(entry.path)}`,
    { subject: entry.path, facts: { offset: headerOffset, needed: end, size } },
  );
}
