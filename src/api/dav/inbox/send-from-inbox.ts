import { SafehouseError } from "#core/model/problem.ts";
import { findInboxArchive, visibleRecords } from "#jobs/inbox/found-in-inbox.ts";
import type { InboxArchive, InboxDocument } from "#jobs/inbox-store-port.ts";
import { archiveEtag } from "../../downloads/archive-etag.ts";
import { downloadRequestOf } from "../../downloads/download-request.ts";
import { sourceAnswer } from "../../downloads/source-answer.ts";
import { atLocation } from "#operations/at-location.ts";
import { folderAnswer } from "../folder-answer.ts";
import { notInInbox, recordAt, type InboxRequest } from "./inbox-request.ts";
import { inboxObject } from "./inbox-resource.ts";

/** Answers a `GET` or a `HEAD`: an archive from wherever its bytes are now, or what was written about one. */
export async function sendFromInbox(request: InboxRequest): Promise<Response> {
  const { home, path, sender } = request;
  const { services, place } = home;
  await using open = await services.openLocations(place);
  const all = await visibleRecords(await services.inbox(place).list(), open.locations);
  const found = recordAt(all, { sender, path });
  if (path.length === 0 || found?.kind === "folder") return folderAnswer();
  if (found === undefined) throw notInInbox(path);
  return found.kind === "document" ? document(found) : await archive(found, request);
}

/** In one piece: Home Assistant takes what comes first for all of it. */
function document(record: InboxDocument): Response {
  return new Response(record.text, {
    headers: {
      "Content-Type": "application/json",
      "Content-Length": String(Buffer.byteLength(record.text)),
      "Cache-Control": "private, no-cache",
      ETag: archiveEtag(inboxObject(record)),
    },
  });
}

async function archive(
  record: InboxArchive,
  { context, home, path }: InboxRequest,
): Promise<Response> {
  const { services, place, signal } = home;
  await using stack = new AsyncDisposableStack();
  const { locations } = stack.use(await services.openLocations(place));
  const found = await findInboxArchive(record, locations);
  if (found === undefined) throw notInInbox(path);
  const open = stack.use(
    await services.openLocation(atLocation(home, found.location ?? record.location)),
  );
  const source =
    found.file === undefined
      ? await open.incoming.openAside(record.id, signal)
      : await open.location.open(found.file, signal);
  stack.defer(() => source.close());
  if (source.size !== record.size) throw changed(path);
  const sent = { object: inboxObject(record), checksum: undefined };
  return sourceAnswer(source, sent, { request: downloadRequestOf(context), stack });
}

function changed(path: readonly string[]): SafehouseError {
  const name = path.join("/");
  return new SafehouseError("damaged", `${name} is no longer as it was brought`, { subject: name });
}
