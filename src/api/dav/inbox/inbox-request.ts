import type { Context } from "hono";
import { SafehouseError } from "#core/model/problem.ts";
import type { InboxPlace, InboxRecord } from "#jobs/inbox-store-port.ts";
import type { HomeContext } from "#operations/home-context.ts";
import type { AccessEnv } from "../../access/access-env.ts";
import { HttpProblem } from "../../http-problem.ts";
import { davPath } from "../dav-path.ts";

/** Where the inbox is. */
export const inboxPrefix = "/dav/inbox";

/** What somebody asks of his inbox. */
export interface InboxRequest {
  readonly context: Context<AccessEnv>;
  readonly home: HomeContext;
  /** Names of what it is about; empty for the inbox itself. */
  readonly path: readonly string[];
  /** Name of the token. */
  readonly sender: string;
  /** Told when an archive has come. */
  readonly arrived: () => void;
}

/** Deeper than anybody sorts backups. */
const deepest = 8;
const longestName = 255;

/** Rejects with `not-found` for what can be no path here. */
export function inboxRequest(
  context: Context<AccessEnv>,
  { home, arrived }: Pick<InboxRequest, "home" | "arrived">,
): InboxRequest {
  const { pathname } = new URL(context.req.url);
  const path = davPath(pathname, inboxPrefix);
  const isTooLong =
    path === undefined ||
    path.length > deepest ||
    path.some((name) => Buffer.byteLength(name) > longestName);
  if (isTooLong) throw notInInbox([pathname]);
  const { identity } = context.var;
  if (identity.kind !== "token") throw new Error("The guard lets only tokens in");
  return { context, home, path, sender: identity.name, arrived };
}

/** The record at a path; undefined if nothing is there. */
export function recordAt(
  records: readonly InboxRecord[],
  { sender, path }: InboxPlace,
): InboxRecord | undefined {
  return records.find((record) => record.sender === sender && isSamePath(record.path, path));
}

/** True if a path lies in a folder, at whatever depth. */
export function isBelow(path: readonly string[], folder: readonly string[]): boolean {
  return path.length > folder.length && folder.every((name, at) => path[at] === name);
}

/** Rejects with 409, as WebDAV has it, unless the folder is there in which something is to come. */
export function demandFolder(records: readonly InboxRecord[], place: InboxPlace): void {
  const folder = place.path.slice(0, -1);
  if (folder.length === 0) return;
  if (recordAt(records, { ...place, path: folder })?.kind === "folder") return;
  throw new HttpProblem(
    { status: 409 },
    { problem: "not-found", message: `There is no folder ${folder.join("/")} in the inbox` },
  );
}

export function notInInbox(path: readonly string[]): SafehouseError {
  const name = path.join("/");
  return new SafehouseError("not-found", `There is no ${name} in the inbox`, { subject: name });
}

function isSamePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, at) => b[at] === name);
}
