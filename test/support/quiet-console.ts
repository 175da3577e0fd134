import type { Console } from "#cli/console.ts";

/** A terminal where nobody sits: nothing is shown, and nothing is asked. */
export function quietConsole(env: Console["env"]): Console {
  const nobody = async (): Promise<string> => "";
  return {
    out: async () => undefined,
    flush: async () => undefined,
    err: () => undefined,
    outIsTerminal: false,
    errIsTerminal: false,
    inIsTerminal: false,
    columns: 80,
    env,
    askSecret: nobody,
    ask: nobody,
    readTextFile: nobody,
    signal: new AbortController().signal,
    now: () => Date.now(),
  };
}
