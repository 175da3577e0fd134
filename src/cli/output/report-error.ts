import { SafehouseError } from "#core/model/problem.ts";
import type { Console } from "../console.ts";
import { exitCodes, exitFault } from "../exit-codes.ts";
import { printable } from "./table.ts";

/** Tells what went wrong and what to do next; returns the exit code. */
export async function reportError(error: unknown, console: Console, json: boolean): Promise<number> {
  const known = error instanceof SafehouseError ? error : cancelledOr(error, console);
  if (json) await console.out(`${JSON.stringify({ error: toJson(known ?? error) })}\n`);
  else console.err(toText(known ?? error));
  return known === undefined ? exitFault : exitCodes[known.problem];
}

function cancelledOr(error: unknown, console: Console): SafehouseError | undefined {
  if (!console.signal.aborted) return undefined;
  return new SafehouseError("cancelled", "Cancelled; nothing was left behind", { cause: error });
}

function toJson(error: unknown): unknown {
  if (!(error instanceof SafehouseError)) return { problem: "fault", message: messageOf(error) };
  const { problem, message, subject, advice, facts } = error;
  return { problem, message, subject, advice, facts };
}

function toText(error: unknown): string {
  if (!(error instanceof SafehouseError)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `A fault of Safehouse, please report it:\n${stack}\n`;
  }
  const advice = error.advice === undefined ? "" : `${printable(error.advice)}.\n`;
  return `Error: ${printable(error.message)}.\n${advice}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
