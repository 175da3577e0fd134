import { rm } from "node:fs/promises";
import { MessageChannel, Worker } from "node:worker_threads";
import { partName } from "#core/model/part.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { ReaderInbox } from "./reader-inbox.ts";
import type { ReaderMessage, ReaderSetup, ReaderTask } from "./reader-protocol.ts";
import { newScratchFolder } from "./scratch.ts";

/**
 * Runs the reader's thread and passes on what it says; ends after `done`. All disk access is over there,
 * so that a disk or share that hangs cannot stop this thread. The buffer of a batch goes back when the
 * next message is asked for.
 *
 * @throws SafehouseError `cancelled`, at once, even if the thread hangs in the kernel; `incomplete` if the
 *   thread dies; what the thread reports
 */
export async function* runReader(
  task: Omit<ReaderTask, "scratch">,
  signal: AbortSignal,
): AsyncGenerator<ReaderMessage, void, undefined> {
  const subject = partName(task.part);
  const fault = (problem: "cancelled" | "incomplete", cause?: unknown): SafehouseError => {
    const what = problem === "cancelled" ? "was cancelled" : "broke off";
    return new SafehouseError(problem, `Reading ${subject} ${what}`, { subject, cause });
  };
  if (signal.aborted) throw fault("cancelled", signal.reason);
  const scratch = newScratchFolder(task.dataDir);
  const channel = new MessageChannel();
  const returned = new Int32Array(new SharedArrayBuffer(4));
  const setup: ReaderSetup = { task: { ...task, scratch }, returns: channel.port2, returned };
  const worker = new Worker(readerFile(), {
    workerData: setup,
    execArgv: [],
    transferList: [channel.port2],
  });
  const inbox = new ReaderInbox();
  const abort = (): void => inbox.fail(fault("cancelled", signal.reason), "at once");
  worker.on("message", (message: ReaderMessage) => inbox.put(message));
  worker.on("error", (cause) => inbox.fail(fault("incomplete", cause)));
  worker.on("exit", () => inbox.fail(fault("incomplete")));
  signal.addEventListener("abort", abort, { once: true });
  try {
    for (;;) {
      const message = await inbox.take();
      if (message.kind === "done") return;
      if (message.kind === "failed")
        throw new SafehouseError(message.problem, message.message, { subject });
      yield message;
      if (message.kind === "batch") giveBack(message.buffer);
    }
  } finally {
    signal.removeEventListener("abort", abort);
    channel.port1.close();
    await stop(worker, scratch);
  }

  function giveBack(buffer: ArrayBuffer): void {
    // Whoever consumed the batch may have transferred its buffer; the thread makes a new one then.
    channel.port1.postMessage(buffer.detached ? null : buffer, buffer.detached ? [] : [buffer]);
    Atomics.add(returned, 0, 1);
    Atomics.notify(returned, 0);
  }
}

/** A thread that hangs in the kernel ends when the kernel lets it go; nobody waits for that. */
async function stop(worker: Worker, scratch: string): Promise<void> {
  worker.unref();
  const ended = worker.terminate();
  const patience = AbortSignal.timeout(patienceInMs);
  await Promise.race([
    ended,
    new Promise((resolve) => patience.addEventListener("abort", resolve, { once: true })),
  ]);
  await rm(scratch, { recursive: true, force: true });
}

const patienceInMs = 200;

/** Beside this file, of the same kind: `.ts` in development, `.js` once bundled. */
function readerFile(): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./reader-worker.${extension}`, import.meta.url);
}
