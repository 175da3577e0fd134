import { SafehouseError } from "#core/model/problem.ts";
import type { Log, LogFacts } from "#core/ports.ts";

/** A log for a command: a person at a terminal reads what went wrong as sentences, and nothing else. */
export function consoleLog(notice: (sentence: string) => void): Log {
  const tell = (message: string, { error }: LogFacts = {}): void => {
    const why = error instanceof SafehouseError ? `: ${error.message}` : "";
    notice(message + why);
  };
  return { debug: () => undefined, info: () => undefined, warn: tell, error: tell };
}
