import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { memoryFlags } from "#app/serve/memory-flags.ts";
import type { DeliveryOrder, DeliveryOutcome } from "./delivery-child.ts";

const program = fileURLToPath(new URL("delivery-child.ts", import.meta.url));

/** An archive that is being put at a place by a process of its own. */
export interface RunningDelivery {
  /** Rejects unless the process ends well. */
  readonly outcome: Promise<DeliveryOutcome>;
  /** Ends the process at once, as a power cut would. */
  kill(): Promise<void>;
}

/** Begins to put one, in a process of its own of which the memory is measured. */
export function deliverAlone(order: DeliveryOrder): RunningDelivery {
  const child = spawn(process.execPath, [...memoryFlags, program], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "exit") as Promise<[code: number | null]>;
  child.stdin.end(JSON.stringify(order));
  const outcome = text(child.stdout).then(async (said) => {
    const [code] = await ended;
    if (code !== 0) throw new Error(`The process has ended with ${code}: ${said}`);
    return JSON.parse(said) as DeliveryOutcome;
  });
  return {
    outcome,
    async kill() {
      // Whoever kills it does not wait for what comes of it.
      outcome.catch(() => undefined);
      child.kill("SIGKILL");
      await ended;
    },
  };
}
