import { pino, type DestinationStream } from "pino";
import { SafehouseError } from "#core/model/problem.ts";
import type { Log, LogFacts } from "#core/ports.ts";
import { RotatingFile } from "./rotating-file.ts";

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogOptions {
  /** What is less important is left out. */
  readonly level: LogLevel;
  /** Absolute path of the file; undefined writes to standard error. */
  readonly file: string | undefined;
}

/** So long may a file become, and so many that are full are kept beside it. */
const longestFile = 10 * 1024 * 1024;
const keptFiles = 4;

/** Opens the log: one JSON object in a line, with `level`, `time` (ISO 8601), `msg` and the facts. */
export function openLog({ level, file }: LogOptions): Log {
  const destination =
    file === undefined
      ? pino.destination({ dest: 2, sync: true })
      : new RotatingFile(file, { longest: longestFile, kept: keptFiles });
  return logTo(destination, level);
}

/** A log that writes its lines into a stream. */
export function logTo(destination: DestinationStream, level: LogLevel): Log {
  const logger = pino(
    {
      level,
      // Neither the process nor the machine: there is one of each.
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
      // Nobody should log these, and nobody reads them if somebody does.
      redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`]), censor: "[secret]" },
    },
    destination,
  );
  const write =
    (writeLevel: LogLevel) =>
    (message: string, facts: LogFacts = {}): void =>
      logger[writeLevel](facts, message);
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

const secretNames = [
  "password",
  "passphrase",
  "secret",
  "token",
  "key",
  "signingKey",
  "headerValue",
  "authorization",
  "Authorization",
  "cookie",
  "url",
  "settings",
];

/**
 * A failure that a person can act on by what it tells people, for its causes may hold anything; a fault of this program
 * by its name and its stack without the message, for the same reason.
 */
function describeError(error: unknown): unknown {
  if (error instanceof SafehouseError) {
    const { problem, message, advice, subject } = error;
    return { problem, message, advice, subject };
  }
  if (!(error instanceof Error)) return { problem: "fault", name: typeof error };
  const frames = error.stack?.split("\n").filter((line) => /^\s+at /u.test(line));
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return { problem: "fault", name: error.name, code, stack: frames?.map((line) => line.trim()) };
}
