import { parentPort } from "node:worker_threads";
import { compilePartRules } from "#core/rules/part-rules.ts";
import { BatchSender } from "./batch-sender.ts";
import { fileErrorCode, describeFileError } from "./file-error.ts";
import { PartCounter } from "./part-counter.ts";
import { PartReader } from "./part-reader.ts";
import type { ReaderMessage, ReaderSetup, ReaderTask } from "./reader-protocol.ts";
import { walkPart } from "./walk-part.ts";

// The entry point of the reader's thread. In any other thread importing it does nothing.
if (parentPort !== null) {
  const port = parentPort;
  const post = (message: ReaderMessage): void => port.postMessage(message);
  // Only `ReaderThread` starts this file, and what it sends is a ReaderSetup.
  port.on("message", (setup: ReaderSetup) => {
    try {
      carryOut(setup, post);
      post({ kind: "done" });
    } catch (error) {
      post(failure(setup.task, error));
    }
  });
}

function carryOut(setup: ReaderSetup, post: (message: ReaderMessage) => void): void {
  const { task } = setup;
  if (task.kind === "count") {
    const counter = new PartCounter(compilePartRules(task.part, task).rules.length);
    walkPart(task, counter);
    return post({ kind: "counted", tally: counter.tally });
  }
  const sender = new BatchSender(setup, post);
  walkPart(task, new PartReader(task, sender));
  sender.flush();
}

/** Only the part's own folder gets here; failures below it are notes. @throws what is no error of the file system */
function failure(task: ReaderTask, error: unknown): ReaderMessage {
  const code = fileErrorCode(error);
  const { reason } = describeFileError(error);
  const isMissing = code === "ENOENT" || code === "ENOTDIR";
  const message = isMissing
    ? `The folder ${task.root} does not exist`
    : `The folder ${task.root} could not be read: ${reason}`;
  return {
    kind: "failed",
    problem: isMissing ? "not-found" : code === "EACCES" ? "denied" : "incomplete",
    message,
  };
}
