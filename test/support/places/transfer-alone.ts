import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { loops } from "../loops.ts";
import type { TransferOrder, TransferOutcome } from "./transfer-alone-child.ts";

const program = fileURLToPath(new URL("./transfer-alone-child.ts", import.meta.url));

/** How large an object is that shows that memory does not grow with it: 300 MB, and 3 GB in long runs. */
export const largeMegabytes = loops(1) > 1 ? 3000 : 300;

/**
 * Writes and reads an object in a process of its own. Rejects unless that ends well, and by itself.
 * @returns also how many milliseconds it stayed after all was done
 */
export async function transferAlone(
  order: TransferOrder,
): Promise<TransferOutcome & { readonly stayedMs: number }> {
  const child = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit") as Promise<[code: number | null]>;
  child.stdin.end(JSON.stringify(order));
  let doneAt = 0;
  child.stdout.once("data", () => (doneAt = performance.now()));
  const said = await text(child.stdout);
  const [code] = await ended;
  if (code !== 0) throw new Error(`The process has ended with ${code}: ${said}`);
  return { ...(JSON.parse(said) as TransferOutcome), stayedMs: performance.now() - doneAt };
}
