import type { DavName, DavResource } from "./dav-resource.ts";
import { davNamespace } from "./propfind-request.ts";
import { xmlText } from "./write-xml.ts";

/** A property with what stands in its element, as XML. */
export interface ShownProperty extends DavName {
  readonly xml: string;
}

/** Every property that a resource has (RFC 4918, section 15; RFC 4331). */
export function propertiesOf(resource: DavResource): readonly ShownProperty[] {
  const { path, isFolder, size, modifiedAt, etag, contentType, quota, ownProperties } = resource;
  const modified = modifiedAt === undefined ? undefined : dateOf(modifiedAt);
  const own = (ownProperties ?? []).map(({ value, ...name }) => ({ ...name, xml: xmlText(value) }));
  return [
    dav("resourcetype", isFolder ? "<D:collection/>" : ""),
    dav("displayname", xmlText(path.at(-1) ?? "")),
    ...ifKnown("getcontentlength", size?.toString()),
    ...ifKnown("getlastmodified", modified?.toUTCString()),
    ...ifKnown("creationdate", modified?.toISOString()),
    ...ifKnown("getetag", etag),
    ...ifKnown("getcontenttype", contentType),
    dav("supportedlock", ""),
    ...ifKnown("quota-available-bytes", quota?.available?.toString()),
    ...ifKnown("quota-used-bytes", quota?.used.toString()),
    ...own,
  ];
}

function dav(name: string, xml: string): ShownProperty {
  return { namespace: davNamespace, name, xml };
}

function ifKnown(name: string, text: string | undefined): readonly ShownProperty[] {
  return text === undefined ? [] : [dav(name, xmlText(text))];
}

/** Undefined for a time that no calendar has. */
function dateOf(time: number): Date | undefined {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
