import { StorageError } from "../errors.ts";
import { FetchRun, type Stretch } from "./fetch-run.ts";
import type { Rsync } from "./rsync.ts";

/**
 * Bytes of a stretch in their order. rsync fetches into a file and not into a stream, so the file is read while it grows.
 * One that is as long already as what comes before the stretch, but for a hole, gets only what comes after (`--append`). A
 * run that is too far ahead of the reader, or has made its file large, is ended; another goes on in a new one. So no more
 * than some hundred megabytes lie here, however slow the reader is.
 */
export async function* fetchStretch(
  rsync: Rsync,
  { key, offset, end }: Stretch,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = offset; at < end;) {
    await using run = await FetchRun.start(rsync, { key, offset: at, end }, signal);
    for await (const chunk of run.chunks()) {
      at += chunk.length;
      yield chunk;
    }
    if (run.brought > 0) continue;
    throw new StorageError("damaged", `${key} ends at byte ${at}, before its end`, { key });
  }
}
