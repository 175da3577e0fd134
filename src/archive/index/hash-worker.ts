/** Entry of the hashing thread; see `hash-thread.ts` for its other end. */
import { parentPort } from "node:worker_threads";
import { openContentHash } from "./content-hash.ts";
import type { HashAnswer, HashJob } from "./hash-thread.ts";

if (parentPort !== null) {
  const port = parentPort;
  const hash = await openContentHash();
  port.on("message", ({ memory, pieces }: HashJob) => {
    const digests: string[] = [];
    for (const [offset, length, last] of pieces) {
      hash.update(new Uint8Array(memory, offset, length));
      if (last) digests.push(hash.digest());
    }
    port.postMessage(digests satisfies HashAnswer);
  });
}
