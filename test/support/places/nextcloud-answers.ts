import type { IncomingMessage, ServerResponse } from "node:http";

/** What the simulated Nextcloud refuses, as sabre/dav puts it. */
export class Failure extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** As much of a response as is used. */
export type Answering = Pick<ServerResponse, "headersSent" | "writeContinue"> & {
  writeHead(status: number, headers?: Readonly<Record<string, string>>): Answering;
  end(body?: string): unknown;
};

/** Takes an answer that nobody sees: what is done all the same when a proxy has given up. */
export class Blind implements Answering {
  readonly headersSent = false;
  writeContinue(): void {}
  writeHead(): this {
    return this;
  }
  end(): void {}
}

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: Answering;
}

export function refuse(response: ServerResponse, { status, message }: Failure): void {
  const text = message.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const body = `<?xml version="1.0" encoding="utf-8"?>
<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns">
  <s:exception>Sabre\\DAV\\Exception</s:exception>
  <s:message>${text}</s:message>
</d:error>`;
  if (status === 401) response.setHeader("www-authenticate", 'Basic realm="Annas Wolke"');
  const type = "application/xml; charset=utf-8";
  response.writeHead(status, { "content-type": type, connection: "close" }).end(body);
}

/** What proxies say. */
export function sayPage(response: ServerResponse, status: number, title: string): void {
  response.writeHead(status, { "content-type": "text/html", connection: "close" });
  response.end(`<html><h1>${status} ${title}</h1></html>`);
}

/** One resource of a multistatus. */
export function entryOf(href: string, properties: readonly (readonly [string, string])[]): string {
  const inner = properties.map(([name, value]) => `<${name}>${value}</${name}>`).join("");
  const found = `<d:propstat><d:prop>${inner}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>`;
  const missing = `<d:propstat><d:prop><d:getcontenttype/></d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat>`;
  return `<d:response><d:href>${href}</d:href>${found}${missing}</d:response>`;
}

/** @param isOdd with prefixes in capitals, as others have them */
export function sayMultistatus(response: Answering, entries: string, isOdd = false): void {
  const namespaces = `xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns" xmlns:oc="http://owncloud.org/ns"`;
  const body = `<?xml version="1.0"?>\n<d:multistatus ${namespaces}>${entries}</d:multistatus>`;
  response.writeHead(207, { "content-type": "application/xml; charset=utf-8" });
  const odd = body.replaceAll(/(<\/?)d:/g, "$1D:").replace("xmlns:d=", "xmlns:D=");
  response.end(isOdd ? odd : body);
}
