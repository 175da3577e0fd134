import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { text } from "node:stream/consumers";
import { StorageError } from "./errors.ts";

export interface ProgramOrder {
  /** Looked for on the path. */
  readonly program: string;
  /** Every user of the machine can see them: never a secret. */
  readonly args: readonly string[];
  /** Beside `PATH`, `HOME` and the variables of the language. Seen by this user and root alone. */
  readonly env?: Readonly<Record<string, string>>;
  /** Texts that the child can read once each, from its descriptor 3 on. They are sockets: `/dev/fd/3` cannot be opened. */
  readonly texts?: readonly string[];
  /** Ends the program, at first kindly. */
  readonly signal: AbortSignal;
}

export interface RunningProgram {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Its exit code, and the end of what it has said on standard error. Rejects with the signal's reason. */
  readonly ended: Promise<ProgramEnd>;
}

export interface ProgramEnd {
  /** Null if a signal has ended it. */
  readonly code: number | null;
  readonly errors: string;
}

const kindnessInMs = 2000;
const errorsKept = 8192;

/**
 * Starts a program of this machine. Its messages are English. Rejects with `unsupported` where it is not installed.
 */
export async function startProgram(order: ProgramOrder): Promise<RunningProgram> {
  const { program, args, env = {}, texts = [], signal } = order;
  signal.throwIfAborted();
  const child = spawn(program, args, {
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      LANG: "C.UTF-8",
      LC_ALL: "C.UTF-8",
      ...env,
    },
    stdio: ["pipe", "pipe", "pipe", ...texts.map(() => "pipe" as const)],
    // Ctrl-C is for us, and whoever it starts in turn is ended with it.
    detached: true,
  });
  const ended = endOf(child, signal);
  // Whoever started it hears of it from `ended`, which may be asked for later.
  ended.catch(() => undefined);
  await isThere(child, program);
  texts.forEach((content, number) => hand(child.stdio[3 + number] as Writable, content));
  // A program that ends without having read everything is told of by its exit code.
  child.stdin?.on("error", () => undefined);
  if (child.stdin === null || child.stdout === null) throw new Error("A program without pipes");
  return { stdin: child.stdin, stdout: child.stdout, ended };
}

/** Runs a program to its end. What it says is kept whole: only for short answers. */
export async function runProgram(
  order: ProgramOrder & { readonly input?: string | AsyncIterable<Uint8Array> },
): Promise<ProgramEnd & { readonly output: string }> {
  const { stdin, stdout, ended } = await startProgram(order);
  const said = text(stdout);
  said.catch(() => undefined);
  await feed(stdin, order.input ?? "");
  return { ...(await ended), output: await said };
}

/** Writes all of it, as fast as the program takes it, and closes. A program that has ended takes nothing more. */
export async function feed(
  stdin: Writable,
  input: string | AsyncIterable<Uint8Array>,
): Promise<void> {
  if (typeof input === "string") {
    stdin.end(input);
    return;
  }
  for await (const chunk of input) {
    if (stdin.destroyed || stdin.closed) break;
    if (!stdin.write(chunk)) await takesMore(stdin);
  }
  stdin.end();
  await settled(stdin);
}

function takesMore(stdin: Writable): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      stdin.off("drain", go).off("close", go);
      resolve();
    };
    stdin.on("drain", go).on("close", go);
  });
}

async function settled(stream: Writable): Promise<void> {
  await finished(stream).catch(() => undefined);
}

function hand(stream: Writable, content: string): void {
  stream.on("error", () => undefined);
  stream.end(content);
}

async function isThere(child: ChildProcess, program: string): Promise<void> {
  try {
    if (child.pid === undefined) await once(child, "spawn");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code !== "ENOENT") throw cause;
    throw new StorageError("unsupported", `The program ${program} is not installed here`, {
      cause,
    });
  }
}

function endOf(child: ChildProcess, signal: AbortSignal): Promise<ProgramEnd> {
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (said: string) => {
    errors = (errors + said).slice(-errorsKept);
  });
  let hurry: NodeJS.Timeout | undefined;
  // What it has handed its pipes to may outlive it; who gives up does not wait for that.
  const letGo = (): void => {
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  const stop = (): void => {
    if (child.exitCode !== null || child.signalCode !== null) letGo();
    else child.once("exit", letGo);
    endGroup(child, "SIGTERM");
    hurry = setTimeout(() => endGroup(child, "SIGKILL"), kindnessInMs);
  };
  signal.addEventListener("abort", stop, { once: true });
  return new Promise<ProgramEnd>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (signal.aborted) reject(signal.reason as Error);
      else resolve({ code, errors: errors.trim() });
    });
  }).finally(() => {
    clearTimeout(hurry);
    signal.removeEventListener("abort", stop);
  });
}

function endGroup({ pid }: ChildProcess, how: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, how);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
