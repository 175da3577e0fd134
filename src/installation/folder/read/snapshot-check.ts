import { MessageChannel, Worker, receiveMessageOnPort } from "node:worker_threads";
import type { MessagePort } from "node:worker_threads";
import { awaitCell, stepCell, steps, tell, wishCell, wishes } from "./check-protocol.ts";
import type { CheckAnswer, CheckCells, CheckTask } from "./check-protocol.ts";

/** Starting a thread and opening a database, on a slow machine that is busy. */
const openTimeoutInMs = 3000;
/** The write lock is held meanwhile. */
const beginTimeoutInMs = 100;
/** Longer than SQLite waits for a lock. */
const closeTimeoutInMs = 5000;

/** The thread that has nothing to do. A reader checks one database at a time, so it needs no second one. */
let idle: Worker | undefined;

/**
 * SQLite's check of a database in WAL mode, in a thread of its own while the reader streams the bytes.
 * Call `waitUntilOpen`, `begin` under the write lock, `check`, and in every case `end`. The first two
 * block for a bounded time; if the thread does not keep up, the check is given up.
 */
export class SnapshotCheck {
  readonly #worker: Worker;
  readonly #cells: CheckCells = new Int32Array(new SharedArrayBuffer(8));
  readonly #answer: MessagePort;

  /** @param worker runs `check-worker.ts` */
  constructor(place: string | Buffer, worker: Worker = takeWorker()) {
    const { port1, port2 } = new MessageChannel();
    this.#worker = worker;
    this.#answer = port1;
    const task: CheckTask = { place, cells: this.#cells, answer: port2 };
    worker.postMessage(task, [port2]);
  }

  /** Has its connection open, so that `begin` takes no time. */
  waitUntilOpen(): void {
    this.#expect(steps.open, openTimeoutInMs);
  }

  /** Begins its transaction. It sees what every other transaction sees that began under the same lock. */
  begin(): void {
    if (this.#isGivenUp) return;
    tell(this.#cells, wishCell, wishes.begin);
    this.#expect(steps.begun, beginTimeoutInMs);
  }

  /** Lets the check go on by itself. False if it was given up. */
  check(): boolean {
    if (this.#isGivenUp) return false;
    tell(this.#cells, wishCell, wishes.check);
    return true;
  }

  /**
   * Waits until the check has answered, if it was begun, and its connection is closed.
   *
   * @param timeoutInMs after which a check that was begun counts as dead
   */
  end(timeoutInMs: number): CheckAnswer {
    const isChecking = Atomics.load(this.#cells, wishCell) === wishes.check;
    if (!isChecking) tell(this.#cells, wishCell, wishes.end);
    awaitCell(this.#cells, stepCell, {
      value: steps.closed,
      timeoutInMs: isChecking ? timeoutInMs : closeTimeoutInMs,
    });
    // Only `check-worker.ts` has the other port, and a CheckAnswer is all it sends.
    const received: { message: CheckAnswer } | undefined = receiveMessageOnPort(this.#answer);
    this.#answer.close();
    if (received === undefined) void this.#worker.terminate();
    else idle = this.#worker;
    return received?.message ?? { kind: "not-checked" };
  }

  get #isGivenUp(): boolean {
    return Atomics.load(this.#cells, wishCell) === wishes.end;
  }

  /** Gives up if the step is not reached in time, or by a thread that has failed. */
  #expect(step: number, timeoutInMs: number): void {
    const reached = awaitCell(this.#cells, stepCell, { value: step, timeoutInMs });
    if (reached !== step) tell(this.#cells, wishCell, wishes.end);
  }
}

function takeWorker(): Worker {
  const worker = idle ?? newWorker();
  idle = undefined;
  return worker;
}

/** Ends with the thread that it was started in. */
function newWorker(): Worker {
  const worker = new Worker(checkerFile(), {
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
  });
  const forget = (): void => {
    if (idle === worker) idle = undefined;
  };
  // Its error is no error of the reader, who sees that there is no answer and checks by itself.
  worker.on("error", forget);
  worker.on("exit", forget);
  worker.unref();
  return worker;
}

/** Beside this file, of the same kind: `.ts` in development, `.js` once bundled. */
function checkerFile(): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./check-worker.${extension}`, import.meta.url);
}
