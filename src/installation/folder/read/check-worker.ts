import { DatabaseSync } from "node:sqlite";
import { parentPort } from "node:worker_threads";
import { checkDatabase } from "./check-database.ts";
import { awaitCell, stepCell, steps, tell, wishCell, wishes } from "./check-protocol.ts";
import type { CheckAnswer, CheckTask } from "./check-protocol.ts";
import { sqliteErrorCode } from "./sqlite-error.ts";

const lockTimeoutInMs = 3000;

// The entry point of the checking thread. In any other thread importing it does nothing.
// Only `SnapshotCheck` starts this file, and what it sends is a CheckTask.
parentPort?.on("message", (task: CheckTask) => {
  const { cells, answer } = task;
  const close = (): void => tell(cells, stepCell, steps.closed);
  // If this thread dies, the reader, who cannot hear events, must not wait for ever.
  process.once("exit", close);
  answer.postMessage(carryOut(task));
  answer.close();
  close();
  process.off("exit", close);
});

function carryOut(task: CheckTask): CheckAnswer {
  try {
    return check(task);
  } catch (error) {
    if (sqliteErrorCode(error) === undefined) throw error;
    return { kind: "not-checked" };
  }
}

function check({ place, cells }: CheckTask): CheckAnswer {
  const isWanted = (wish: number): boolean =>
    awaitCell(cells, wishCell, { value: wish }) !== wishes.end;
  // A thread that comes late leaves the file alone: its place may mean another file by now.
  if (Atomics.load(cells, wishCell) === wishes.end) return { kind: "not-checked" };
  using connection = new DatabaseSync(Buffer.from(place), {
    readOnly: true,
    timeout: lockTimeoutInMs,
  });
  const look = connection.prepare("SELECT count(*) FROM sqlite_schema");
  look.get();
  tell(cells, stepCell, steps.open);
  if (!isWanted(wishes.begin)) return { kind: "not-checked" };
  connection.exec("BEGIN");
  look.get();
  tell(cells, stepCell, steps.begun);
  if (!isWanted(wishes.check)) return { kind: "not-checked" };
  return { kind: "checked", problem: checkDatabase(connection) };
}
