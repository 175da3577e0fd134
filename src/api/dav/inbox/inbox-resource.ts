import type { InboxRecord } from "#jobs/inbox-store-port.ts";
import { archiveEtag } from "../../downloads/archive-etag.ts";
import type { DavResource } from "../dav-resource.ts";

/** What lies in the inbox, as WebDAV shows it. */
export function inboxResource(record: InboxRecord): DavResource {
  const { path, at: modifiedAt } = record;
  switch (record.kind) {
    case "folder":
      return { path, isFolder: true, modifiedAt };
    case "archive": {
      const contentType = "application/x-tar";
      const etag = archiveEtag(inboxObject(record));
      return { path, isFolder: false, size: record.size, modifiedAt, etag, contentType };
    }
    case "document": {
      const { text, properties: ownProperties } = record;
      const size = Buffer.byteLength(text);
      const etag = archiveEtag(inboxObject(record));
      const contentType = "application/json";
      return { path, isFolder: false, size, modifiedAt, etag, contentType, ownProperties };
    }
  }
}

/** What its `ETag` is made of, and its date. */
export function inboxObject({ path, id, at }: InboxRecord) {
  return { key: path.at(-1) ?? "", version: id, modifiedAt: at };
}
