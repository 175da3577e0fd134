/**
 * Bytes as the body of an answer, asked for no faster than they are sent. A failure breaks the connection, so that
 * nobody takes the beginning for the whole.
 * @param close called once, also when the client has gone
 */
export function bodyOf(
  bytes: AsyncGenerator<Uint8Array>,
  close: () => Promise<void>,
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
