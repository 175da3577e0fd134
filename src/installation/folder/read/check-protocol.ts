import type { MessagePort } from "node:worker_threads";

/** What the checking thread is asked to do. Afterwards reader and checker only speak through `cells`. */
export interface CheckTask {
  readonly place: string | Uint8Array;
  readonly cells: CheckCells;
  /** Gets one `CheckAnswer` before the last step, unless the thread dies. */
  readonly answer: MessagePort;
}

/** What the reader wishes, and which step the checker has reached. Both only grow. */
export type CheckCells = Int32Array<SharedArrayBuffer>;
export const wishCell = 0;
export const stepCell = 1;

export const wishes = { begin: 1, check: 2, end: 3 } as const;
/** At `closed` the connection is no more. */
export const steps = { open: 1, begun: 2, closed: 3 } as const;

export type CheckAnswer =
  | { readonly kind: "checked"; readonly problem: string | undefined }
  /** SQLite refused the connection or transaction, or the reader wished for the end. */
  | { readonly kind: "not-checked" };

/** Tells the other thread. */
export function tell(cells: CheckCells, cell: number, value: number): void {
  Atomics.store(cells, cell, value);
  Atomics.notify(cells, cell);
}

/** Blocks until a cell has reached a value, for a bounded time if need be. Returns what it holds. */
export function awaitCell(
  cells: CheckCells,
  cell: number,
  { value, timeoutInMs = Infinity }: { readonly value: number; readonly timeoutInMs?: number },
): number {
  const end = performance.now() + timeoutInMs;
  for (;;) {
    const held = Atomics.load(cells, cell);
    const left = end - performance.now();
    if (held >= value || left <= 0) return held;
    Atomics.wait(cells, cell, held, left);
  }
}
