import { SafehouseError } from "#core/model/problem.ts";
import type { Console } from "../console.ts";
import { exitCodes, exitFault, exitReaderGone } from "../exit-codes.ts";
import { ReaderGone } from "../reader-gone.ts";
import { adviceOf } from "./flag-hints.ts";
import { printable } from "./table.ts";

/** How a command is told of its failure. */
export interface ErrorReport {
  readonly json: boolean;
  /** Long flags that the command has, so that advice names only those. */
  readonly flags: readonly string[];
}

/** Tells what went wrong and what to do next; returns the exit code. */
export async function reportError(
  error: unknown,
  console: Console,
  { json, flags }: ErrorReport,
): Promise<number> {
  if (error instanceof ReaderGone || console.signal.reason instanceof ReaderGone)
    return exitReaderGone;
  const known = error instanceof SafehouseError ? error : cancelledOr(error, console);
  if (json) await console.out(`${JSON.stringify({ error: errorJson(known ?? error, flags) })}\n`);
  else console.err(toText(known ?? error, flags));
  return known === undefined ? exitFault : exitCodes[known.problem];
}

function cancelledOr(error: unknown, console: Console): SafehouseError | undefined {
  if (!console.signal.aborted) return undefined;
  return new SafehouseError("cancelled", "Cancelled; nothing was left behind", { cause: error });
}

/** An error as `--json` shows it. */
export function errorJson(error: unknown, flags: readonly string[]): unknown {
  if (!(error instanceof SafehouseError)) return { problem: "fault", message: messageOf(error) };
  const { problem, message, subject, facts } = error;
  return { problem, message, subject, advice: adviceOf(error, flags), facts };
}

function toText(error: unknown, flags: readonly string[]): string {
  if (!(error instanceof SafehouseError)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `A fault of Safehouse, please report it:\n${stack}\n`;
  }
  const advice = adviceOf(error, flags);
  const next = advice === undefined ? "" : `${printable(advice)}.\n`;
  return `Error: ${printable(error.message)}.\n${next}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
