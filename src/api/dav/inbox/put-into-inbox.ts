import { randomBytes } from "node:crypto";
import { optional, pipe, regex, string, transform } from "valibot";
import { SafehouseError, type Problem } from "#core/model/problem.ts";
import { takeInArchive } from "#jobs/inbox/take-in-archive.ts";
import type { InboxArchive, InboxDocument } from "#jobs/inbox-store-port.ts";
import { parseInput } from "#operations/operation.ts";
import { HttpProblem } from "../../http-problem.ts";
import { isBroken } from "../../uploads/receive-stream.ts";
import { requestBody } from "../../uploads/request-body.ts";
import { writeIncoming } from "../../uploads/write-incoming.ts";
import { smallBody } from "../small-body.ts";
import type { InboxRequest } from "./inbox-request.ts";
import { checkPlace, replaceRecord } from "./replace-record.ts";

const announced = optional(pipe(string(), regex(/^\d{1,15}$/), transform(Number)));
/** Bytes; what Home Assistant writes about a backup of a hundred add-ons has 10,000. */
const largestDocument = 1024 * 1024;

/** Answers a `PUT`: an archive, or what is written about one. */
export async function putIntoInbox(request: InboxRequest): Promise<Response> {
  const name = request.path.at(-1) ?? "";
  const { services, place } = request.home;
  const record = { kind: "document", ...request } as const;
  checkPlace(record, await services.inbox(place).list());
  if (name.endsWith(".tar") && !name.startsWith(".")) return putArchive(request);
  if (name.endsWith(".metadata.json")) return putDocument(request);
  throw new SafehouseError(
    "denied",
    "Only archives (NAME.tar) and what is written about them (NAME.metadata.json) can be put here",
    { subject: name },
  );
}

async function putArchive(request: InboxRequest): Promise<Response> {
  const { home, path, sender, arrived } = request;
  const { record, isNew } = await receive(request);
  const wasThere = await replaceRecord(record, home);
  if (record.state.kind === "aside" && !isWorthKeeping.has(record.state.problem))
    throw refused(path, record.state);
  if (isNew && record.state.kind === "backup") arrived();
  return new Response(null, { status: wasThere ? 204 : 201 });

  async function receive({ context }: InboxRequest) {
    const { services, place, signal } = home;
    const size = parseInput(announced, context.req.header("Content-Length"));
    await using open = await services.openLocation(place);
    const { location, incoming, tools } = open;
    await incoming.checkRoom(size ?? 0, signal);
    const name = incoming.ownName();
    const id = randomBytes(16).toString("hex");
    try {
      const body = requestBody(context);
      const length = await writeIncoming(name, { body, incoming, signal });
      // From here on all of it is there, and it no longer matters whether somebody waits for the answer.
      const { signal: goesOn } = new AbortController();
      const fileName = path.at(-1) ?? "";
      const wish = { location, incoming, fileName, id, sender, clock: tools.clock };
      const { state, isNew: isFirst } = await takeInArchive(name, { ...wish, signal: goesOn });
      const at = tools.clock.now();
      const made: InboxArchive = {
        kind: "archive",
        sender,
        path,
        id,
        at,
        size: length,
        location: location.id,
        state,
      };
      return { record: made, isNew: isFirst };
    } catch (error) {
      await incoming.remove(name, new AbortController().signal);
      if (!signal.aborted && !isBroken(error)) throw error;
      throw new SafehouseError("cancelled", "The sender has gone", { cause: error });
    }
  }
}

/** Whole as far as anybody can tell, although it is no backup that we could keep. */
const isWorthKeeping: ReadonlySet<Problem> = new Set<Problem>([
  "already-exists",
  "unknown-version",
  "unsupported",
]);

/** The sender has to hear of it: whoever believes that a backup is safe does not make another. */
function refused(
  path: readonly string[],
  { problem, message }: { readonly problem: Problem; readonly message: string },
): HttpProblem {
  const name = path.at(-1) ?? "";
  return new HttpProblem(
    { status: 422 },
    {
      problem,
      message: `${name} is no backup that could be restored: ${message}`,
      subject: name,
      advice: "It lies in the inbox for a month, for whoever wants to look at it; send it again",
    },
  );
}

async function putDocument({ context, home, path, sender }: InboxRequest): Promise<Response> {
  const text = await smallBody(context.req.raw, largestDocument);
  refuseNonsense(text);
  const id = randomBytes(16).toString("hex");
  const at = Date.now();
  const record: InboxDocument = {
    kind: "document",
    sender,
    path,
    id,
    at,
    text,
    properties: [],
  };
  const wasThere = await replaceRecord(record, home);
  return new Response(null, { status: wasThere ? 204 : 201 });
}

/** Home Assistant shows no backup at all while one description cannot be read. */
function refuseNonsense(text: string): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  if (typeof value === "object" && value !== null) return;
  throw new HttpProblem(
    { status: 422 },
    { problem: "damaged", message: "What is written about a backup has to be a JSON document" },
  );
}
