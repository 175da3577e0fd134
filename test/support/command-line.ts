import { readFile } from "node:fs/promises";
import type { Console } from "#cli/console.ts";
import { runProgram } from "#cli/program.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { LocalServices } from "../../src/app/local-services.ts";
import { quietConsole } from "./quiet-console.ts";
import type { Bench, Outcome } from "./safehouse.ts";

export interface CommandLineOptions {
  /** Fires on what would be Ctrl-C. */
  readonly signal?: AbortSignal;
  /** What a person answers, one after the other; without answers there is no terminal. */
  readonly answers?: readonly string[];
}

/** Runs a command line about a bench within this process, which is faster than a process of its own. */
export async function commandLine(
  bench: Pick<Bench, "home" | "location" | "dataDir" | "env">,
  args: readonly string[],
  { signal = new AbortController().signal, answers }: CommandLineOptions = {},
): Promise<Outcome> {
  const started = performance.now();
  const said = { out: "", err: "" };
  const left = [...(answers ?? [])];
  const answer = async (question: string): Promise<string> => {
    said.err += question;
    return left.shift() ?? "";
  };
  const console: Console = {
    ...quietConsole({
      SAFEHOUSE_DATA: bench.dataDir,
      SAFEHOUSE_HOME: bench.home,
      SAFEHOUSE_LOCATION: bench.location,
      ...bench.env,
    }),
    out: async (text) => void (said.out += String(text)),
    err: (text) => void (said.err += text),
    errIsTerminal: answers !== undefined,
    inIsTerminal: answers !== undefined,
    askSecret: answer,
    ask: answer,
    readTextFile: (path) => readFile(path, "utf8").catch(notThere),
    signal,
  };
  await using services = new LocalServices(console);
  const code = await runProgram(args, console, services);
  return { code, signal: null, ...said, took: performance.now() - started };
}

function notThere(cause: unknown): never {
  throw new SafehouseError("not-found", "The file cannot be read", { cause });
}
