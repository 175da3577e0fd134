import { SafehouseError } from "#core/model/problem.ts";
import type { DavName } from "./dav-resource.ts";
import { readXml, type XmlNode } from "./read-xml.ts";

/** Which properties a `PROPFIND` asks for (RFC 4918, section 9.1). */
export type PropertyWish =
  | { readonly kind: "all"; readonly also: readonly DavName[] }
  | { readonly kind: "names" }
  | { readonly kind: "some"; readonly names: readonly DavName[] };

export const davNamespace = "DAV:";
/** More than any client asks for; each is answered for every resource. */
const mostNames = 200;

/** Reads the body of a `PROPFIND`; an empty one asks for everything. Throws `usage`. */
export function parsePropfind(body: string): PropertyWish {
  if (body.trim() === "") return { kind: "all", also: [] };
  const root = readXml(body);
  if (!isDav(root, "propfind")) throw new SafehouseError("usage", "The body is no DAV: propfind");
  const prop = root.children.find((child) => isDav(child, "prop"));
  if (prop !== undefined) return { kind: "some", names: namesIn(prop) };
  if (root.children.some((child) => isDav(child, "propname"))) return { kind: "names" };
  const include = root.children.find((child) => isDav(child, "include"));
  return { kind: "all", also: include === undefined ? [] : namesIn(include) };
}

/** True for an element of WebDAV itself. */
export function isDav({ namespace, name }: XmlNode, wanted: string): boolean {
  return namespace === davNamespace && name === wanted;
}

function namesIn({ children }: XmlNode): readonly DavName[] {
  if (children.length > mostNames)
    throw new SafehouseError("usage", `More than ${mostNames} properties are asked for`);
  return children.map(({ namespace, name }) => ({ namespace, name }));
}
