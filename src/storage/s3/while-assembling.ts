/** No server that was met copies slower than that. */
const slowestBytesPerMs = 10_000;
const beatMs = 500;

/**
 * Waits for a server that makes one object of parts, and tells all the while that it lives: servers that copy the parts say
 * nothing until they are done, and begin anew when they are asked again. One that takes longer than copying so many bytes
 * can take is not told of any more.
 */
export async function whileAssembling<Result>(
  bytes: number,
  sent: (bytes: number) => void,
  work: () => Promise<Result>,
): Promise<Result> {
  const latest = performance.now() + bytes / slowestBytesPerMs;
  const beat = setInterval(() => {
    if (performance.now() < latest) sent(0);
  }, beatMs);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}
