import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { Console } from "#cli/console.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { StandardOutput } from "./standard-output.ts";

/** The real terminal, with Ctrl-C and termination as a signal. */
export function openTerminal(): Console & Disposable {
  const controller = new AbortController();
  const { stdin, stdout, stderr, env } = process;
  let interrupts = 0;
  function interrupt(): void {
    interrupts += 1;
    // A second Ctrl-C is for a program that does not come to its end.
    if (interrupts > 1) process.exit(130);
    controller.abort(new SafehouseError("cancelled", "Cancelled; nothing was left behind"));
  }
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  const output = new StandardOutput(stdout, (failure) => controller.abort(failure));
  // Progress that nobody sees any more is no reason to stop.
  stderr.on("error", () => undefined);
  return {
    out: (content) => output.write(content),
    flush: () => output.flush(),
    err: (text) => void stderr.write(text),
    outIsTerminal: stdout.isTTY === true,
    errIsTerminal: stderr.isTTY === true,
    inIsTerminal: stdin.isTTY === true && stderr.isTTY === true,
    get columns() {
      // A terminal that does not know its width says 0.
      return stderr.columns || 80;
    },
    env,
    askSecret: (question) => ask(question, false),
    ask: (question) => ask(question, true),
    readTextFile,
    signal: controller.signal,
    now: () => Date.now(),
    [Symbol.dispose]: () => {
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", interrupt);
    },
  };
}

async function ask(question: string, visible: boolean): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const output = visible ? process.stderr : nowhere;
  const reader = createInterface({ input: process.stdin, output, terminal: true });
  try {
    return await reader.question("");
  } finally {
    reader.close();
    if (!visible) process.stderr.write("\n");
  }
}

async function readTextFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    const problem = code === "ENOENT" ? "not-found" : "denied";
    throw new SafehouseError(problem, `The file ${path} cannot be read (${String(code)})`, {
      cause,
    });
  }
}
