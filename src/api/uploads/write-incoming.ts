import { open } from "node:fs/promises";
import { join } from "node:path";
import type { IncomingFiles } from "#jobs/backup/incoming-files.ts";
import { asWriteFailure } from "./upload-failure.ts";

const lookAfterBytes = 64 * 1024 * 1024;

export interface IncomingStream {
  readonly body: AsyncIterable<Uint8Array>;
  readonly incoming: IncomingFiles;
  readonly signal: AbortSignal;
}

/**
 * Writes what somebody sends to a new file of the folder in which archives come in, while there is room. Rejects with
 * `no-space`, and as the body does. @returns bytes that came
 */
export async function writeIncoming(
  name: string,
  { body, incoming, signal }: IncomingStream,
): Promise<number> {
  await using file = await open(join(await incoming.folder(signal), name), "wx", 0o600);
  let sinceLook = 0;
  let length = 0;
  for await (const bytes of body) {
    signal.throwIfAborted();
    sinceLook += bytes.length;
    length += bytes.length;
    if (sinceLook > lookAfterBytes) {
      await incoming.checkRoom(0, signal);
      sinceLook = 0;
    }
    try {
      for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done)).bytesWritten;
    } catch (error) {
      throw asWriteFailure(error, incoming.location);
    }
  }
  return length;
}
