// Writes one big object to a place and reads it back, in a process of its own, and tells the most memory that it had.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { openStorage, type PlaceSettings } from "#storage/catalog.ts";

interface Order {
  readonly kind: string;
  readonly settings: PlaceSettings;
  readonly bytes: number;
  /** Whether the place is told the size beforehand. */
  readonly isSizeKnown: boolean;
}

const order = JSON.parse(await text(process.stdin)) as Order;
const { signal } = new AbortController();
const storage = await openStorage(order.kind, order.settings);
const piece = Buffer.alloc(256 * 1024, "piece of a body ");
const [sent, back] = [createHash("sha256"), createHash("sha256")];
async function* open(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < order.bytes; at += piece.length) {
    const bytes = piece.subarray(0, order.bytes - at);
    sent.update(bytes);
    yield bytes;
  }
}
const size = order.isSizeKnown ? { size: order.bytes } : {};
const started = performance.now();
await storage.write("big.tar", { open, ...size, overwrite: true }, signal);
const written = performance.now();
for await (const bytes of await storage.read("big.tar", undefined, signal)) back.update(bytes);
const read = performance.now();
await storage.remove("big.tar", signal);
const status = readFileSync("/proc/self/status", "utf8");
const outcome = {
  isSame: sent.digest("hex") === back.digest("hex"),
  peakBytes: Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024,
  writeMs: written - started,
  readMs: read - written,
};
process.stdout.write(JSON.stringify(outcome));
