import { inTurn } from "#jobs/backup/in-turn.ts";
import type { InboxArchive, InboxRecord } from "#jobs/inbox-store-port.ts";
import { atLocation } from "#operations/at-location.ts";
import type { HomeContext } from "#operations/home-context.ts";
import { HttpProblem } from "../../http-problem.ts";
import { demandFolder, recordAt } from "./inbox-request.ts";

/** A home that sends its backups every hour for half a year. */
const mostRecords = 5000;

/** Keeps a record in place of what lies there, of which nothing is left. Returns true if something lay there. */
export async function replaceRecord(record: InboxRecord, home: HomeContext): Promise<boolean> {
  const inbox = home.services.inbox(home.place);
  return inTurn("the inbox", async () => {
    const records = await inbox.list();
    const before = recordAt(records, record);
    checkPlace(record, records);
    await inbox.put(record);
    if (before?.kind === "archive") await forgetBytes(before, home);
    return before !== undefined;
  });
}

/** Rejects with 409 and the like where nothing of that name can come. */
export function checkPlace(
  record: Pick<InboxRecord, "kind" | "sender" | "path">,
  records: readonly InboxRecord[],
): void {
  demandFolder(records, record);
  const before = recordAt(records, record);
  if (before?.kind === "folder")
    throw new HttpProblem(
      { status: 405 },
      { problem: "already-exists", message: `${record.path.join("/")} is a folder already` },
    );
  if (before !== undefined || records.length < mostRecords) return;
  throw new HttpProblem(
    { status: 507 },
    { problem: "no-space", message: `There are ${mostRecords} things in the inbox already` },
  );
}

/** Removes what was set aside. A backup is no longer the inbox's, and stays. */
export async function forgetBytes(
  { state, id, location }: InboxArchive,
  home: HomeContext,
): Promise<void> {
  if (state.kind !== "aside") return;
  await using open = await home.services.openLocation(atLocation(home, location));
  await open.incoming.removeAside(id, home.signal);
}
