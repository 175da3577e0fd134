import {
  array,
  number,
  object,
  optional,
  picklist,
  strictObject,
  string,
  type InferOutput,
} from "valibot";
import type { Arrival } from "#core/arrivals/arrival.ts";
import { parseInbox } from "#core/inbox/parse-inbox.ts";
import { visibleRecords } from "#jobs/inbox/found-in-inbox.ts";
import type { InboxArchive } from "#jobs/inbox-store-port.ts";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";

const inboxSchema = object({
  /** Ids of the locations at which what arrives gets a copy each. */
  deliverTo: array(string()),
  /** Archives that lie in the inbox, as their senders see them. */
  entries: listOf(
    object({
      id: string(),
      /** Name of the token that it came with. */
      sender: string(),
      path: string(),
      size: number(),
      /** When it came. */
      at: string(),
      /** Id of the location at which its bytes are. */
      location: string(),
      /** The backup that it has become. */
      slug: optional(string()),
      file: optional(string()),
      /** Why it is none. */
      problem: optional(string()),
      message: optional(string()),
    }),
  ),
  /** Archives that came to the default location by themselves, by the inbox or otherwise. */
  arrivals: listOf(
    object({
      file: string(),
      location: string(),
      state: picklist(["growing", "unchecked", "undelivered", "done", "failed"]),
      /** Ids of the locations that still have to get a copy. */
      waiting: array(string()),
      message: optional(string()),
    }),
  ),
});

export type InboxListing = InferOutput<typeof inboxSchema>;

export const listInboxOperation = defineOperation({
  id: "listInbox",
  summary: "List what others have brought and what has become of it",
  method: "get",
  path: "/inbox",
  scope: "read",
  input: strictObject({}),
  output: inboxSchema,
  async run(_, { services, place }) {
    await using open = await services.openLocations(place);
    const location = open.chosen ?? (await open.locations.default());
    const { deliverTo } = parseInbox(
      (await services.settingsStores(place).settings.read())["inbox"],
    );
    const records = await visibleRecords(await services.inbox(place).list(), open.locations);
    const arrivals = [...((await services.arrivals(place).read(location))?.values() ?? [])];
    return {
      deliverTo: [...deliverTo],
      entries: records.filter((record) => record.kind === "archive").map(entryOf),
      arrivals: arrivals.flatMap((arrival) => arrivalOf(arrival, location)),
    };
  },
});

function entryOf({ id, sender, path, size, at, location, state }: InboxArchive) {
  const what =
    state.kind === "backup"
      ? { slug: state.slug, file: state.file }
      : { problem: state.problem, message: state.message };
  const came = new Date(at).toISOString();
  return { id, sender, path: path.join("/"), size, at: came, location, ...what };
}

/** What was there before, or is the home's own, has not arrived. */
function arrivalOf({ file, state, waiting, message }: Arrival, location: string) {
  if (state === "known") return [];
  return [
    { file, location, state, waiting: [...waiting], ...(message === undefined ? {} : { message }) },
  ];
}
