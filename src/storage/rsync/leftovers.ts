import type { Leftover } from "../provider.ts";
import { listEntries, type ListedEntry } from "./listing.ts";
import { mustBeThere } from "./look-at.ts";
import { onlyBelow } from "./pattern.ts";
import { removeUpload } from "./remove.ts";
import { sendSmall } from "./send-small.ts";
import type { Rsync } from "./rsync.ts";
import { isResumableId, unfinishedFolder, uploadId } from "./working-names.ts";

/**
 * Removes what uploads of writers that are gone have left. Nobody can be asked whether they live, so silence decides: half a
 * day without a byte, or a week for what the next attempt goes on with. Time is told by the place, whose clock may be
 * wrong: a file that is made for it and removed again has its time.
 * @param isInUse whether this process is at work on the upload of that name
 */
export async function removeLeftUploads(
  rsync: Rsync,
  isInUse: (id: string) => boolean,
  signal: AbortSignal,
): Promise<readonly Leftover[]> {
  const uploads = await uploadsThere(rsync, signal);
  const left = Array.from(uploads).filter(([id]) => !isInUse(id));
  if (left.length === 0) return [];
  const now = await timeThere(rsync, signal);
  const removed: Leftover[] = [];
  for (const [id, { size, changedAt }] of left) {
    if (now - changedAt <= (isResumableId(id) ? resumableMs : silenceMs)) continue;
    await removeUpload(rsync, id, signal);
    removed.push({ key: unfinishedFolder + id, size });
  }
  return removed;
}

const hourMs = 3_600_000;
const silenceMs = 12 * hourMs;
const resumableMs = 7 * 24 * hourMs;

interface LeftUpload {
  /** Bytes of all its files. */
  readonly size: number;
  /** When the youngest of its files and folders was changed, in milliseconds since 1970. */
  readonly changedAt: number;
}

async function uploadsThere(
  rsync: Rsync,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, LeftUpload>> {
  const options = ["-r", ...onlyBelow(unfinishedFolder)];
  const uploads = new Map<string, LeftUpload>();
  for await (const entries of listEntries(rsync, { subject: "Leftovers", options }, signal)) {
    for (const entry of entries) add(entry, uploads);
  }
  return uploads;
}

function add(
  { name, size, isFile, modifiedAt }: ListedEntry,
  uploads: Map<string, LeftUpload>,
): void {
  if (!name.startsWith(unfinishedFolder)) return;
  const [id = ""] = name.slice(unfinishedFolder.length).split("/");
  const known = uploads.get(id);
  uploads.set(id, {
    size: (known?.size ?? 0) + (isFile ? size : 0),
    changedAt: Math.max(known?.changedAt ?? 0, modifiedAt),
  });
}

async function timeThere(rsync: Rsync, signal: AbortSignal): Promise<number> {
  const id = uploadId(false);
  const key = `${unfinishedFolder}${id}/clock`;
  await sendSmall(rsync, { subject: "Leftovers", files: { [key]: "" } }, signal);
  try {
    return (await mustBeThere(rsync, key, signal)).modifiedAt;
  } finally {
    await removeUpload(rsync, id, signal);
  }
}
