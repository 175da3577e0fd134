import { visibleRecords } from "#jobs/inbox/found-in-inbox.ts";
import type { DavResource } from "../dav-resource.ts";
import { freeBytesAt } from "../free-bytes-at.ts";
import { multistatus } from "../multistatus.ts";
import { readPropfind } from "../propfind.ts";
import { inboxPrefix, notInInbox, recordAt, type InboxRequest } from "./inbox-request.ts";
import { inboxResource } from "./inbox-resource.ts";

/** Answers a `PROPFIND`. */
export async function listInbox(request: InboxRequest): Promise<Response> {
  const { context, home, path, sender } = request;
  const asked = await readPropfind(context.req.raw);
  if (asked instanceof Response) return asked;
  const { services, place } = home;
  await using open = await services.openLocations(place);
  const all = await visibleRecords(await services.inbox(place).list(), open.locations);
  const own = all.filter((record) => record.sender === sender);
  const found = path.length === 0 ? undefined : recordAt(own, { sender, path });
  if (path.length > 0 && found === undefined) throw notInInbox(path);
  const top = found === undefined ? root(own.map(inboxResource)) : inboxResource(found);
  const children = own.filter(
    (record) =>
      record.path.length === path.length + 1 && path.every((name, at) => record.path[at] === name),
  );
  const used = own.reduce((sum, record) => sum + (record.kind === "archive" ? record.size : 0), 0);
  const quota = asked.wantsQuota ? { available: await freeBytesAt(home), used } : undefined;
  const withQuota = top.isFolder && quota !== undefined ? { ...top, quota } : top;
  const below = asked.withChildren ? children.map(inboxResource) : [];
  return multistatus(inboxPrefix, [withQuota, ...below], asked.wish);
}

function root(resources: readonly DavResource[]): DavResource {
  const times = resources.flatMap(({ modifiedAt }) => modifiedAt ?? []);
  const modifiedAt = times.length === 0 ? undefined : Math.max(...times);
  return { path: [], isFolder: true, modifiedAt };
}
