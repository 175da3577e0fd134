import { inTurn } from "#jobs/backup/in-turn.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { HttpProblem } from "../../http-problem.ts";
import { davPath } from "../dav-path.ts";
import {
  demandFolder,
  inboxPrefix,
  isBelow,
  notInInbox,
  recordAt,
  type InboxRequest,
} from "./inbox-request.ts";

/**
 * Answers a `MOVE`: Home Assistant moves its folder when it finds that an earlier release had encoded its name twice. What
 * is there is not replaced.
 */
export async function moveInInbox({
  context,
  home,
  path,
  sender,
}: InboxRequest): Promise<Response> {
  const to = destinationOf(context.req.header("Destination"));
  if (path.length === 0 || to.length === 0 || isBelow(to, path))
    throw new SafehouseError("denied", "That cannot be moved there");
  const inbox = home.services.inbox(home.place);
  await inTurn("the inbox", async () => {
    const all = await inbox.list();
    const found = recordAt(all, { sender, path });
    if (found === undefined) throw notInInbox(path);
    demandFolder(all, { sender, path: to });
    if (recordAt(all, { sender, path: to }) !== undefined)
      throw new HttpProblem(
        { status: 412 },
        { problem: "already-exists", message: `${to.join("/")} is there already` },
      );
    const below = all.filter((record) => record.sender === sender && isBelow(record.path, path));
    for (const record of [found, ...below])
      await inbox.put({ ...record, path: [...to, ...record.path.slice(path.length)] });
    for (const record of [...below, found]) await inbox.remove(record);
  });
  return new Response(null, { status: 201 });
}

/** Of the same server, whatever it is called there: a proxy may know it by another name. */
function destinationOf(header: string | undefined): readonly string[] {
  const url = header === undefined ? null : URL.parse(header, "http://here/");
  const path = url === null ? undefined : davPath(url.pathname, inboxPrefix);
  if (path !== undefined) return path;
  throw new SafehouseError("usage", "The header Destination names no place in the inbox");
}
