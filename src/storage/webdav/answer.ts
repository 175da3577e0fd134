import type { IncomingMessage } from "node:http";

/** An answer that is not what was asked for. What it comes to is for `errors.ts` to say. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  /** What the server says about it, in one short line; empty if it says nothing. */
  readonly said: string;
  readonly isWebPage: boolean;
  readonly retryAfterSeconds: number | undefined;
  /** Where it sends us instead. */
  readonly location: string | undefined;
  /** Ways to sign in that it takes, in small letters. */
  readonly schemes: readonly string[];

  constructor(answer: IncomingMessage, body: string) {
    const status = answer.statusCode ?? 0;
    super(`The server answered ${status}`);
    this.status = status;
    this.isWebPage = isWebPage(answer);
    this.said = this.isWebPage ? "" : messageIn(body);
    this.retryAfterSeconds = retryAfter(answer);
    this.location = answer.headers.location;
    this.schemes = (answer.headers["www-authenticate"] ?? "")
      .toLowerCase()
      .split(",")
      .map((challenge) => challenge.trim().split(" ", 1)[0] ?? "");
  }
}

/** Reads an answer that was not expected, as much of it as can be of use. */
export async function refusalOf(answer: IncomingMessage): Promise<Refusal> {
  return new Refusal(answer, (await readShort(answer, 16 * 1024)).toString("utf8"));
}

/** The beginning of a body. All of it is read if it is short, so that the connection can be used again. */
export async function readShort(answer: IncomingMessage, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= most) break;
    }
  } catch (error) {
    // A server that refuses often hangs up in the middle of its explanation; the status is what counts.
    if (!(error instanceof Error && "code" in error)) throw error;
  }
  return Buffer.concat(chunks).subarray(0, most);
}

export function isWebPage(answer: IncomingMessage): boolean {
  return /^\s*text\/html\b/i.test(answer.headers["content-type"] ?? "");
}

function retryAfter({ headers }: IncomingMessage): number | undefined {
  const given = headers["retry-after"];
  if (given === undefined) return undefined;
  const seconds = /^\d+$/.test(given) ? Number(given) : (Date.parse(given) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined;
}

/** The text of `message` in an error of sabre/dav, or a short plain text. */
function messageIn(body: string): string {
  const inXml = /<(?:\w+:)?message\b[^>]*>([^<]*)</.exec(body)?.[1];
  const text = inXml ?? (body.trimStart().startsWith("<") ? "" : body);
  return text
    .replaceAll(/[\p{C}\s]+/gu, " ")
    .trim()
    .slice(0, 200);
}
