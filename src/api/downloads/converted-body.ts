import type { convertFile } from "#jobs/archive/convert-file.ts";

/** What an archive is written into while it is converted. */
type Target = Awaited<ReturnType<Parameters<typeof convertFile>[1]["openTarget"]>>;

/**
 * What an archive is converted to as the body of an answer, made no faster than it is sent. A failure in the middle
 * breaks the connection; when the client goes, writing fails.
 * @param convert writes into the target
 * @param close called once, when that has ended in whatever way
 */
export function convertedBody(
  convert: (target: Target) => Promise<void>,
  close: () => Promise<void>,
): ReadableStream<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const target: Target = {
    patch: "none",
    // The bytes are the writer's again at once, but not sent yet.
    write: (bytes) => writer.write(Uint8Array.from(bytes)),
    patchAt: () => Promise.reject(new Error("What was sent cannot be changed")),
    commit: () => writer.close(),
    abort: () => writer.abort(new Error("The archive could not be converted")),
  };
  const carryOut = async (): Promise<void> => {
    try {
      await convert(target);
    } catch (error) {
      await writer.abort(error);
    } finally {
      await close();
    }
  };
  void carryOut();
  return readable;
}
