import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { TestContext } from "node:test";

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that answers as the test says; for what no real one can be made to do. Ends with the test. */
export async function scriptedDav(
  context: TestContext,
  answer: Answer,
): Promise<{ readonly url: string; readonly log: string[] }> {
  const log: string[] = [];
  const server = createServer((request, response) => {
    log.push(`${request.method} ${request.url}`);
    for (const stream of [request, response]) stream.on("error", () => undefined);
    answer(request, response);
  });
  // Whether to say that the body may come is for the test.
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    server.emit("request", request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return { url: `http://127.0.0.1:${address.port}/dav/`, log };
}

/** A multistatus of files and folders by their paths; folders end with `/`. */
export function multistatusOf(sizes: Readonly<Record<string, number>>): string {
  const responses = Object.entries(sizes).map(([href, size]) => {
    const kind = href.endsWith("/") ? "<d:collection/>" : "";
    return `<d:response><d:href>${href}</d:href><d:propstat><d:prop><d:resourcetype>${kind}</d:resourcetype><d:getcontentlength>${size}</d:getcontentlength></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`;
  });
  return `<d:multistatus xmlns:d="DAV:">${responses.join("")}</d:multistatus>`;
}
