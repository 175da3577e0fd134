import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

export interface TransferOutcome {
  /** What was read is what was written. */
  readonly isSame: boolean;
  readonly peakBytes: number;
  readonly writeMs: number;
  readonly readMs: number;
}

const child = fileURLToPath(new URL("transfer-child.ts", import.meta.url));

/** Writes and reads an object at a place in a process of its own, of which the memory is measured. */
export async function transfer(order: {
  readonly kind: string;
  readonly settings: object;
  readonly bytes: number;
  readonly isSizeKnown: boolean;
}): Promise<TransferOutcome> {
  const running = spawn(process.execPath, [child], { stdio: ["pipe", "pipe", "inherit"] });
  running.stdin.end(JSON.stringify(order));
  return JSON.parse(await text(running.stdout)) as TransferOutcome;
}
