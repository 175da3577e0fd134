// Puts an archive at a place as deliveries do, and tells what it took. Its order comes in as JSON.
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { ArchiveLocation } from "#location/archive-location.ts";
import { inspectArchive } from "#location/inspect-archive.ts";
import { openState } from "#state/open-state.ts";
import { StateUploads } from "#state/uploads.ts";
import { findKind, type PlaceSettings } from "#storage/catalog.ts";
import { StorageError } from "#storage/errors.ts";
import { stackStorage } from "#storage/stack.ts";
import { MemoryCatalogue } from "../memory-catalogue.ts";
import { bigBody } from "./big-body.ts";

export interface DeliveryOrder {
  readonly kind: string;
  readonly settings: PlaceSettings;
  readonly fileName: string;
  /** Bytes. */
  readonly size: number;
  /** Path of a data directory, in which it is remembered how uploads go on. */
  readonly state: string;
  readonly stallSeconds: number;
  /** How often it may be put; runs do so four times, and later runs go on. */
  readonly puts: number;
}

export interface DeliveryOutcome {
  /** Why it was put again, in the words of the place. */
  readonly failures: readonly string[];
  /** Whether it is there in the end. */
  readonly isThere: boolean;
  /** The most that was resident. */
  readonly peakBytes: number;
}

const order = JSON.parse(await text(process.stdin)) as DeliveryOrder;
const { size, stallSeconds } = order;
using state = openState({ dataDirectory: order.state, clock: Date, notice: console.error });
const location = new ArchiveLocation({
  storage: stackStorage(await findKind(order.kind).open(order.settings), { stallSeconds }),
  place: { home: "home", location: "place" },
  catalogue: new MemoryCatalogue(),
  uploads: new StateUploads(state),
  inspect: inspectArchive,
  clock: Date,
});
const failures: string[] = [];
let isThere = false;
while (!isThere && failures.length < order.puts) {
  try {
    const open = (from?: number) => bigBody(size, from);
    await location.put(order.fileName, { open, size }, new AbortController().signal);
    isThere = true;
  } catch (error) {
    if (!(error instanceof StorageError && error.worthRetrying)) throw error;
    failures.push(`${error.problem}: ${error.message}`);
    // As long as the first pause of a run, but that the test is not to take all day.
    await pause(300);
  }
}
const peak = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
const outcome: DeliveryOutcome = { failures, isThere, peakBytes: Number(peak) * 1024 };
process.stdout.write(JSON.stringify(outcome));
