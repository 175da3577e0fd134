/** Entry of a compression thread; see `deflate-pool.ts` for its other end. */
import { parentPort, workerData } from "node:worker_threads";
import { crc32 } from "node:zlib";
import { SafehouseError } from "#core/model/problem.ts";
import type { DeflateEngineName } from "./deflate-engine.ts";
import type { DeflateAnswer, DeflateJob } from "./deflate-job.ts";
import { openDeflateEngine } from "./open-deflate-engine.ts";

const port = parentPort;
if (port === null) throw new TypeError("This module runs in a worker thread only");
const { engine } = workerData as { engine: DeflateEngineName };

function answer(message: DeflateAnswer, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

try {
  const compress = await openDeflateEngine(engine);
  port.on("message", ({ input, length, output }: DeflateJob) => {
    const bytes = new Uint8Array(input, 0, length);
    const written = compress(bytes, new Uint8Array(output));
    answer({ kind: "done", input, output, written, crc32: crc32(bytes) }, [input, output]);
  });
  answer({ kind: "ready" });
} catch (error) {
  if (!(error instanceof SafehouseError)) throw error;
  const { problem, message, advice } = error;
  answer({ kind: "failed", problem, message, advice });
}
