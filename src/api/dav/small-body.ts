import { HttpProblem } from "../http-problem.ts";

const largest = 64 * 1024;

/** The body of a request as text. Rejects with 413 for more than 64 KiB, or than `most` bytes. */
export async function smallBody({ body }: Request, most = largest): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const stream: AsyncIterable<Uint8Array> = body ?? new Blob([]).stream();
  for await (const piece of stream) {
    length += piece.length;
    if (length > most) {
      const message = `The body has more than ${most} bytes`;
      throw new HttpProblem({ status: 413 }, { problem: "usage", message });
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}
