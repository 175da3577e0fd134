import type { FileEntryWithStats } from "ssh2";
import type { StoredObject } from "../provider.ts";
import { status, statusOf } from "./errors.ts";
import type { SftpSession } from "./session.ts";
import { isRegularEntry, storedObject } from "./stored-object.ts";
import { isTemporaryName } from "./temporary-name.ts";

/** Entries of a folder, a page at a time as the server gives them. Rejects with the server's answer. */
export async function* entriesOf(
  session: SftpSession,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<readonly FileEntryWithStats[], void, undefined> {
  const handle = await session.ask<Buffer>((sftp, answer) => sftp.opendir(path, answer), signal);
  try {
    for (;;) {
      yield await session.ask<FileEntryWithStats[]>(
        (sftp, answer) => sftp.readdir(handle, answer),
        signal,
      );
    }
  } catch (error) {
    if (statusOf(error) !== status.eof) throw error;
  } finally {
    // Not waited for: it changes nothing, and a server that hangs would not answer.
    session
      .ask<void>((sftp, answer) => sftp.close(handle, answer), neverAborted)
      .catch(() => undefined);
  }
}

const neverAborted = new AbortController().signal;

/** Objects among the entries. A name that came up before is left out: folders change while they are read. */
export function objectsAmong(
  entries: readonly FileEntryWithStats[],
  prefix: { readonly folder: string; readonly name: string },
  seen: Set<string>,
): readonly StoredObject[] {
  const objects: StoredObject[] = [];
  for (const entry of entries) {
    const { filename, attrs } = entry;
    if (!filename.startsWith(prefix.name) || seen.has(filename)) continue;
    if (!isRegularEntry(entry) || isTemporaryName(filename) || isUnreadable(filename)) continue;
    seen.add(filename);
    objects.push(storedObject(prefix.folder + filename, attrs));
  }
  return objects;
}

/** A name that is not UTF-8: nothing that we could ask for leads to it. */
function isUnreadable(name: string): boolean {
  return name.includes("\uFFFD") || name.includes("/");
}
