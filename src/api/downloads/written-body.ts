import type { BodyEnd } from "./body-of.ts";

/** Takes bytes, which may be used again once the promise has resolved. */
export type PutBytes = (bytes: Uint8Array) => Promise<void>;

const gatherBytes = 64 * 1024;

/** What somebody writes as the body of an answer, taken no faster than it is sent. When the client goes, putting fails. */
export function writtenBody(
  write: (put: PutBytes) => Promise<void>,
  { close, breakOff }: BodyEnd,
): ReadableStream<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const gathered = new Uint8Array(gatherBytes);
  let length = 0;
  const flush = async (): Promise<void> => {
    const bytes = gathered.slice(0, length);
    length = 0;
    if (bytes.length > 0) await writer.write(bytes);
  };
  const put = async (bytes: Uint8Array): Promise<void> => {
    if (length + bytes.length > gatherBytes) await flush();
    if (bytes.length > gatherBytes) {
      await writer.write(Uint8Array.from(bytes));
    } else {
      gathered.set(bytes, length);
      length += bytes.length;
    }
  };
  const carryOut = async (): Promise<void> => {
    try {
      await write(put);
      await flush();
      await writer.close();
    } catch (error) {
      breakOff();
      await writer.abort(error);
    } finally {
      await close();
    }
  };
  void carryOut();
  return readable;
}
