import type { IncomingMessage } from "node:http";
import type { ByteSource } from "#core/ports.ts";
import { StorageError } from "../errors.ts";
import type { ByteRange } from "../provider.ts";
import { asStorageError, translating } from "./errors.ts";
import type { WebdavPlace } from "./place.ts";

export interface ToRead {
  readonly place: WebdavPlace;
  readonly key: string;
  /** Bytes of the object. */
  readonly size: number;
}

/** Bytes of an object, as they come; all of those that are asked for and there, or it rejects. */
export async function* readRange(
  object: ToRead,
  range: ByteRange | undefined,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { place, key, size } = object;
  const from = range?.offset ?? 0;
  const end = Math.min(size, from + (range?.length ?? size));
  if (from >= end) {
    signal.throwIfAborted();
    return;
  }
  const doing = place.doing(key);
  const { answer, skip } = await translating(doing, signal, () =>
    begin(object, { from, end }, signal),
  );
  let [at, toSkip] = [from, skip];
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      signal.throwIfAborted();
      const skipped = Math.min(toSkip, chunk.length);
      toSkip -= skipped;
      const bytes = chunk.subarray(skipped, skipped + end - at);
      at += bytes.length;
      if (bytes.length > 0) yield bytes;
      if (at === end) break;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw asStorageError(error, doing);
  } finally {
    answer.destroy();
  }
  if (at === end) return;
  const message = `${key} at ${place.client.host}: only ${at - from} of ${end - from} bytes came`;
  throw new StorageError("unreachable", message, { key });
}

/** Reads at any place; each read is a request of its own. */
export function sourceOf(object: ToRead, signal: AbortSignal): ByteSource {
  return {
    size: object.size,
    async read(offset, length) {
      const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, object.size - offset)));
      let filled = 0;
      for await (const chunk of readRange(object, { offset, length: bytes.length }, signal)) {
        bytes.set(chunk, filled);
        filled += chunk.length;
      }
      return bytes;
    },
    close: () => Promise.resolve(),
  };
}

/** The answer, and how many bytes of it come too early: not every server heeds `Range`. */
async function begin(
  { place, key, size }: ToRead,
  { from, end }: { readonly from: number; readonly end: number },
  signal: AbortSignal,
): Promise<{ readonly answer: IncomingMessage; readonly skip: number }> {
  const isAll = from === 0 && end === size;
  const headers = isAll ? {} : { range: `bytes=${from}-${end - 1}` };
  const answer = await place.client.get(place.pathOf(key), headers, signal);
  if (answer.statusCode === 200) return { answer, skip: from };
  const begins = /^bytes (\d+)-/.exec(answer.headers["content-range"] ?? "")?.[1];
  if (answer.statusCode === 206 && Number(begins) === from) return { answer, skip: 0 };
  answer.destroy();
  const message = `${key} at ${place.client.host} is no longer as long as it was`;
  throw new StorageError("unreachable", message, { key });
}
