import { parseXml, XmlCdata, XmlElement, XmlError, XmlText } from "@rgrove/parse-xml";
import { SafehouseError } from "#core/model/problem.ts";
import type { DavName } from "./dav-resource.ts";

/** An element with its prefix resolved. */
export interface XmlNode extends DavName {
  readonly children: readonly XmlNode[];
  /** All text in it, that of its children included. */
  readonly text: string;
}

/** Far deeper than anything WebDAV asks for. */
const deepest = 20;

type Prefixes = ReadonlyMap<string, string>;

/**
 * Reads an XML document by its namespaces: every client chooses prefixes of its own. Throws `usage` for what is none.
 * Entities of a document type are not known, so none of them can grow or reach anything.
 */
export function readXml(text: string): XmlNode {
  const root = parse(text);
  if (root === null) throw new SafehouseError("usage", "The XML document is empty");
  return nodeOf(root, new Map([["xml", "http://www.w3.org/XML/1998/namespace"]]), 0);
}

function parse(text: string): XmlElement | null {
  try {
    return parseXml(text).root;
  } catch (cause) {
    if (!(cause instanceof XmlError)) throw cause;
    throw new SafehouseError("usage", "The body of the request is no XML document", { cause });
  }
}

function nodeOf(element: XmlElement, outer: Prefixes, depth: number): XmlNode {
  if (depth > deepest) throw new SafehouseError("usage", "The XML document is too deep");
  const prefixes = prefixesIn(element, outer);
  const [name = "", prefix = ""] = element.name.split(":").toReversed();
  const namespace = prefixes.get(prefix);
  if (namespace === undefined && prefix !== "")
    throw new SafehouseError("usage", `The XML document does not say what ${prefix}: stands for`);
  if (!/^[\p{L}_][\p{L}\p{M}\p{N}._-]*$/u.test(name))
    throw new SafehouseError("usage", "The XML document has an element without a proper name");
  const children = element.children
    .filter((child) => child instanceof XmlElement)
    .map((child) => nodeOf(child, prefixes, depth + 1));
  return { namespace: namespace ?? "", name, children, text: textOf(element) };
}

function prefixesIn({ attributes }: XmlElement, outer: Prefixes): Prefixes {
  const declared = Object.entries(attributes).flatMap(([name, value]) => {
    if (name === "xmlns") return [["", value] as const];
    return name.startsWith("xmlns:") ? [[name.slice("xmlns:".length), value] as const] : [];
  });
  return declared.length === 0 ? outer : new Map([...outer, ...declared]);
}

function textOf(element: XmlElement): string {
  return element.children
    .map((child) => {
      if (child instanceof XmlText || child instanceof XmlCdata) return child.text;
      return child instanceof XmlElement ? textOf(child) : "";
    })
    .join("");
}
