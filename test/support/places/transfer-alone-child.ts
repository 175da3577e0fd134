// Writes an object to a place and reads it again, and tells what it took. Its order comes in as JSON.
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import type { PlaceSettings } from "#storage/catalog.ts";
import { openStorage } from "#storage/catalog.ts";

export interface TransferOrder {
  readonly kind: string;
  readonly settings: PlaceSettings;
  readonly key: string;
  readonly megabytes: number;
}

export interface TransferOutcome {
  readonly readBytes: number;
  /** The most that was resident. */
  readonly peakBytes: number;
}

const order = JSON.parse(await text(process.stdin)) as TransferOrder;
const { kind, settings, key, megabytes } = order;
const { signal } = new AbortController();
const storage = await openStorage(kind, settings);
const size = megabytes * 1_048_576;
await storage.write(key, { open: body, size }, signal);
let readBytes = 0;
for await (const chunk of await storage.read(key, undefined, signal)) readBytes += chunk.length;
const peak = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
const outcome: TransferOutcome = { readBytes, peakBytes: Number(peak) * 1024 };
process.stdout.write(JSON.stringify(outcome));

async function* body(): AsyncGenerator<Uint8Array> {
  for (let count = 0; count < megabytes; count += 1) yield Buffer.alloc(1_048_576, count);
}
