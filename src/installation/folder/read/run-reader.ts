import { rm } from "node:fs/promises";
import { partName } from "#core/model/part.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { ReaderInbox } from "./reader-inbox.ts";
import type { ReaderMessage, ReaderTask } from "./reader-protocol.ts";
import { ReaderThread } from "./reader-thread.ts";
import { newScratchFolder } from "./scratch.ts";

/** What the thread said, and the memory that a batch speaks of. */
export interface HeardMessage {
  readonly message: ReaderMessage;
  readonly memory: SharedArrayBuffer;
}

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
): AsyncGenerator<HeardMessage, void, undefined> {
  const subject = partName(task.part);
  const fault = (problem: "cancelled" | "incomplete", cause?: unknown): SafehouseError => {
    const what = problem === "cancelled" ? "was cancelled" : "broke off";
    return new SafehouseError(problem, `Reading ${subject} ${what}`, { subject, cause });
  };
  if (signal.aborted) throw fault("cancelled", signal.reason);
  const scratch = newScratchFolder(task.dataDir);
  const returned = new Int32Array(new SharedArrayBuffer(4));
  const setup = { task: { ...task, scratch }, returned };
  const inbox = new ReaderInbox();
  const abort = (): void => inbox.fail(fault("cancelled", signal.reason), "at once");
  const thread = ReaderThread.start(setup, {
    message: (message) => inbox.put(message),
    died: (cause) => inbox.fail(fault("incomplete", cause)),
  });
  let finished = false;
  signal.addEventListener("abort", abort, { once: true });
  try {
    for (;;) {
      const message = await inbox.take();
      finished = message.kind === "done" || message.kind === "failed";
      if (message.kind === "done") return;
      if (message.kind === "failed")
        throw new SafehouseError(message.problem, message.message, { subject });
      yield { message, memory: thread.memory };
      if (message.kind !== "batch") continue;
      Atomics.add(returned, 0, 1);
      Atomics.notify(returned, 0);
    }
  } finally {
    signal.removeEventListener("abort", abort);
    if (finished) thread.release();
    else await stop(thread);
    await rm(scratch, { recursive: true, force: true });
  }
}

/** A thread that hangs in the kernel ends when the kernel lets it go; nobody waits for that. */
async function stop(thread: ReaderThread): Promise<void> {
  const ended = thread.stop();
  const patience = AbortSignal.timeout(patienceInMs);
  await Promise.race([
    ended,
    new Promise((resolve) => patience.addEventListener("abort", resolve, { once: true })),
  ]);
}

const patienceInMs = 200;
