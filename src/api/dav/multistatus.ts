import { davAddress } from "./dav-path.ts";
import type { DavName, DavResource } from "./dav-resource.ts";
import { propertiesOf, type ShownProperty } from "./live-properties.ts";
import { davNamespace, type PropertyWish } from "./propfind-request.ts";
import { xmlResponse, xmlText } from "./write-xml.ts";

/** Answers a `PROPFIND` about these resources. @param prefix address of their root, without `/` at the end */
export function multistatus(
  prefix: string,
  resources: readonly DavResource[],
  wish: PropertyWish,
): Response {
  const responses = resources.map((resource) => {
    const href = davAddress(prefix, resource.path, resource.isFolder);
    return `<D:response><D:href>${xmlText(href)}</D:href>${propstats(resource, wish)}</D:response>`;
  });
  return xmlResponse(207, `<D:multistatus xmlns:D="DAV:">${responses.join("")}</D:multistatus>`);
}

/** Properties of one resource under one status. */
export function propstat(status: string, properties: readonly ShownProperty[]): string {
  if (properties.length === 0) return "";
  const inside = properties.map(element).join("");
  return `<D:propstat><D:prop>${inside}</D:prop><D:status>HTTP/1.1 ${status}</D:status></D:propstat>`;
}

function propstats(resource: DavResource, wish: PropertyWish): string {
  const all = propertiesOf(resource);
  if (wish.kind === "names")
    return propstat(
      "200 OK",
      all.map(({ namespace, name }) => ({ namespace, name, xml: "" })),
    );
  const wanted = wish.kind === "some" ? wish.names : wish.also;
  const absent = wanted.filter((one) => !all.some((known) => isSame(one, known)));
  const shown =
    wish.kind === "all" ? all : all.filter((known) => wanted.some((one) => isSame(one, known)));
  const found = propstat("200 OK", shown);
  const missing = propstat(
    "404 Not Found",
    absent.map((name) => ({ ...name, xml: "" })),
  );
  // A response has to have one at least.
  return `${found}${missing}` || nothingAsked;
}

const nothingAsked = "<D:propstat><D:prop/><D:status>HTTP/1.1 200 OK</D:status></D:propstat>";

/** Names come from documents that were parsed, so they are names of XML. */
function element({ namespace, name, xml }: ShownProperty): string {
  if (namespace === davNamespace) return `<D:${name}>${xml}</D:${name}>`;
  if (namespace === "") return `<${name} xmlns="">${xml}</${name}>`;
  return `<X:${name} xmlns:X="${xmlText(namespace)}">${xml}</X:${name}>`;
}

function isSame(a: DavName, b: DavName): boolean {
  return a.namespace === b.namespace && a.name === b.name;
}
