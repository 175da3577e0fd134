/** Entry of a compression thread; see `deflate-pool.ts` for its other end. */
import { parentPort, workerData } from "node:worker_threads";
import { crc32 } from "node:zlib";
import { SafehouseError } from "#core/model/problem.ts";
import type { DeflateEngineName } from "./deflate-engine.ts";
import type { ChunkSlot } from "./chunk-slot.ts";
import type { DeflateAnswer, DeflateJob } from "./deflate-job.ts";
import { openDeflateEngine } from "./open-deflate-engine.ts";

const port = parentPort;
if (port === null) throw new TypeError("This module runs in a worker thread only");
const { engine } = workerData as { engine: DeflateEngineName };

function answer(message: DeflateAnswer): void {
  port?.postMessage(message);
}

try {
  const compress = await openDeflateEngine(engine);
  const slots = new Map<number, ChunkSlot>();
  port.on("message", ({ slot: id, length, memory }: DeflateJob) => {
    const slot = memory ?? slots.get(id);
    if (slot === undefined) throw new RangeError(`Slot ${id} has never been shown`);
    slots.set(id, slot);
    const bytes = slot.input.subarray(0, length);
    answer({ kind: "done", written: compress(bytes, slot.output), crc32: crc32(bytes) });
  });
  answer({ kind: "ready" });
} catch (error) {
  if (!(error instanceof SafehouseError)) throw error;
  const { problem, message, advice } = error;
  answer({ kind: "failed", problem, message, advice });
}
