import { Hono } from "hono";
import type { AccessEnv } from "../access/access-env.ts";
import type { ApiTools } from "../api-tools.ts";
import { davGuard, type DavGuardOptions } from "./dav-guard.ts";
import { davOptions, notAllowed } from "./dav-methods.ts";
import { makeFolder, removeFromInbox, setProperties } from "./inbox/change-inbox.ts";
import { inboxMethods } from "./inbox/inbox-methods.ts";
import { inboxRequest, type InboxRequest } from "./inbox/inbox-request.ts";
import { moveInInbox } from "./inbox/move-in-inbox.ts";
import { listInbox } from "./inbox/list-inbox.ts";
import { putIntoInbox } from "./inbox/put-into-inbox.ts";
import { sendFromInbox } from "./inbox/send-from-inbox.ts";

export interface InboxDavOptions extends DavGuardOptions {
  readonly homeFor: ApiTools["homeFor"];
  /** Told when an archive has come. */
  readonly arrived: () => void;
}

/**
 * The inbox: archives that come here become backups of the default location. To the sender it looks as if they lay here,
 * until he deletes them. It understands what Home Assistant's WebDAV integration says, and no more.
 */
export function inboxDavRoutes({ homeFor, arrived, ...guard }: InboxDavOptions): Hono<AccessEnv> {
  const app = new Hono<AccessEnv>();
  app.use(davGuard("inbox", guard));
  app.all("*", async (context) => {
    const { raw } = context.req;
    if (raw.method === "OPTIONS") return davOptions(inboxMethods);
    const answer = answers[raw.method];
    if (answer === undefined)
      throw notAllowed(inboxMethods, `The inbox does not understand ${raw.method}`);
    return answer(inboxRequest(context, { home: homeFor(raw.signal), arrived }));
  });
  return app;
}

const answers: Readonly<Record<string, (request: InboxRequest) => Promise<Response>>> = {
  PROPFIND: listInbox,
  PROPPATCH: setProperties,
  GET: sendFromInbox,
  HEAD: sendFromInbox,
  PUT: putIntoInbox,
  DELETE: removeFromInbox,
  MKCOL: makeFolder,
  MOVE: moveInInbox,
};
