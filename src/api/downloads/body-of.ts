/** Where the bytes of a body end, one way or the other. */
export interface BodyEnd {
  /** Called once, also when the client has gone. */
  readonly close: () => Promise<void>;
  /** Breaks the connection, so that nobody takes the beginning for the whole. */
  readonly breakOff: () => void;
}

/** Bytes as the body of an answer, asked for no faster than they are sent. */
export function bodyOf(
  bytes: AsyncGenerator<Uint8Array>,
  { close, breakOff }: BodyEnd,
): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const next = await bytes.next();
          if (next.done !== true) {
            controller.enqueue(next.value);
            return;
          }
        } catch (error) {
          breakOff();
          await close();
          throw error;
        }
        await close();
        controller.close();
      },
      async cancel() {
        try {
          await bytes.return(undefined);
        } finally {
          await close();
        }
      },
    },
    { highWaterMark: 1 },
  );
}
