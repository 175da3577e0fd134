import { randomBytes } from "node:crypto";
import { inTurn } from "#jobs/backup/in-turn.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { InboxProperty, InboxRecord } from "#jobs/inbox-store-port.ts";
import { HttpProblem } from "../../http-problem.ts";
import { davAddress } from "../dav-path.ts";
import { propstat } from "../multistatus.ts";
import { davNamespace, isDav } from "../propfind-request.ts";
import { readXml, type XmlNode } from "../read-xml.ts";
import { smallBody } from "../small-body.ts";
import { xmlResponse, xmlText } from "../write-xml.ts";
import {
  demandFolder,
  inboxPrefix,
  isBelow,
  notInInbox,
  recordAt,
  type InboxRequest,
} from "./inbox-request.ts";
import { forgetBytes } from "./replace-record.ts";

const mostProperties = 50;
const longestValue = 10_000;

/** Answers a `DELETE`: what lay in the inbox is gone from there. A backup that it has become stays where it is. */
export async function removeFromInbox({ home, path, sender }: InboxRequest): Promise<Response> {
  const inbox = home.services.inbox(home.place);
  await inTurn("the inbox", async () => {
    const all = await inbox.list();
    const found = path.length === 0 ? undefined : recordAt(all, { sender, path });
    if (path.length === 0) throw new SafehouseError("denied", "The inbox itself cannot be removed");
    if (found === undefined) throw notInInbox(path);
    const below = all.filter((record) => record.sender === sender && isBelow(record.path, path));
    for (const record of [...below, found]) {
      if (record.kind === "archive") await forgetBytes(record, home);
      await inbox.remove(record);
    }
  });
  return new Response(null, { status: 204 });
}

/** Answers a `MKCOL`. */
export async function makeFolder({ context, home, path, sender }: InboxRequest): Promise<Response> {
  if ((await smallBody(context.req.raw)) !== "")
    throw new HttpProblem(
      { status: 415 },
      { problem: "unsupported", message: "A new folder has no content" },
    );
  const inbox = home.services.inbox(home.place);
  await inTurn("the inbox", async () => {
    const all = await inbox.list();
    const message = `${path.join("/")} is there already`;
    if (path.length === 0 || recordAt(all, { sender, path }) !== undefined)
      throw new HttpProblem({ status: 405 }, { problem: "already-exists", message });
    demandFolder(all, { sender, path });
    const id = randomBytes(16).toString("hex");
    await inbox.put({ kind: "folder", sender, path, id, at: Date.now() });
  });
  return new Response(null, { status: 201 });
}

/** Answers a `PROPPATCH`, by which Home Assistant 2025.3 marked its descriptions. */
export async function setProperties({
  context,
  home,
  path,
  sender,
}: InboxRequest): Promise<Response> {
  const changes = changesIn(readXml(await smallBody(context.req.raw)));
  const isRefused = changes.some(({ property }) => property.namespace === davNamespace);
  const inbox = home.services.inbox(home.place);
  await inTurn("the inbox", async () => {
    const found = recordAt(await inbox.list(), { sender, path });
    if (found === undefined) throw notInInbox(path);
    if (!isRefused) await inbox.put(withChanges(found, changes));
  });
  const names = changes.map(({ property }) => ({ ...property, xml: "" }));
  const status = isRefused ? "403 Forbidden" : "200 OK";
  const href = xmlText(davAddress(inboxPrefix, path, false));
  const response = `<D:response><D:href>${href}</D:href>${propstat(status, names)}</D:response>`;
  return xmlResponse(207, `<D:multistatus xmlns:D="DAV:">${response}</D:multistatus>`);
}

interface PropertyChange {
  readonly property: InboxProperty;
  readonly isRemoved: boolean;
}

function changesIn(root: XmlNode): readonly PropertyChange[] {
  if (!isDav(root, "propertyupdate"))
    throw new SafehouseError("usage", "The body is no DAV: propertyupdate");
  return root.children.flatMap((update) => {
    const isRemoved = isDav(update, "remove");
    if (!isRemoved && !isDav(update, "set")) return [];
    const properties = update.children.filter((child) => isDav(child, "prop"));
    return properties.flatMap(({ children }) =>
      children.map(({ namespace, name, text: value }) => ({
        property: { namespace, name, value },
        isRemoved,
      })),
    );
  });
}

function withChanges(record: InboxRecord, changes: readonly PropertyChange[]): InboxRecord {
  if (record.kind !== "document")
    throw new HttpProblem(
      { status: 403 },
      { problem: "unsupported", message: "Only descriptions can have properties of their own" },
    );
  const named = (one: InboxProperty): string => JSON.stringify([one.namespace, one.name]);
  const properties = new Map(record.properties.map((one) => [named(one), one]));
  for (const { property, isRemoved } of changes)
    if (isRemoved) properties.delete(named(property));
    else properties.set(named(property), property);
  const kept = [...properties.values()];
  const isTooMuch =
    kept.length > mostProperties || kept.some(({ value }) => value.length > longestValue);
  if (isTooMuch)
    throw new HttpProblem(
      { status: 507 },
      { problem: "no-space", message: `More than ${mostProperties} properties, or a long one` },
    );
  return { ...record, properties: kept };
}
