import { allOperations } from "#operations/all-operations.ts";
import { serverOperations } from "#operations/server-operations.ts";
import { RunDesk } from "#jobs/runs/run-desk.ts";
import { LocalServices } from "../local-services.ts";
import { openTerminal } from "../terminal.ts";
import { endMessage, sentError, type WorkerMessage, type WorkOrder } from "./worker-message.ts";

/**
 * A process that carries one run out for the server, so that making a backup neither holds up its answers nor
 * leaves its memory behind. It goes on when the server dies: its run stands in the journal under its own name.
 */
process.once("message", (order: WorkOrder) => {
  void carryOut(order).finally(() => {
    // A server that is gone has taken its end of the pipe along.
    if (process.connected) process.disconnect?.();
  });
});

async function carryOut({ operation: id, input, dataDirectory }: WorkOrder): Promise<void> {
  const operation = [...allOperations, ...serverOperations].find((known) => known.id === id);
  using terminal = openTerminal();
  await using services = new LocalServices(terminal);
  await using desk = new RunDesk();
  const { signal } = terminal;
  const stop = (): void => void desk[Symbol.asyncDispose]();
  signal.addEventListener("abort", stop, { once: true });
  try {
    if (operation === undefined) throw new Error(`There is no operation ${id}`);
    const context = { services, place: { dataDir: dataDirectory }, desk, signal };
    const answer = await operation.answer(input, context);
    tell({ kind: "answer", answer });
    await Promise.all(
      desk.begun.map(async (run) => {
        const end = await desk.end(run);
        if (end?.kind === "done") tell(endMessage(run, end));
        if (end?.kind !== "failed") return;
        tell(endMessage(run, { ...end, error: services.translateError(end.error) }));
      }),
    );
  } catch (error) {
    tell({ kind: "refused", error: sentError(services.translateError(error)) });
  }
}

/** A server that is gone needs to be told nothing: the journal knows. */
function tell(message: WorkerMessage): void {
  if (process.connected) process.send?.(message);
}
