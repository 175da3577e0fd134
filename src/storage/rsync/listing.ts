import type { Readable } from "node:stream";
import { StorageError } from "../errors.ts";
import type { StoredObject } from "../provider.ts";
import type { Rsync, RsyncOrder } from "./rsync.ts";

/** One line of `--list-only`. */
export interface ListedEntry {
  /** Below the folder that was listed. */
  readonly name: string;
  readonly isFile: boolean;
  readonly isFolder: boolean;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970, to the second. */
  readonly modifiedAt: number;
}

/** Lists what the filters among the options let through. Rejects as `RsyncRun.ended`, and with `unsupported` (see below). */
export async function* listEntries(
  rsync: Rsync,
  order: Pick<RsyncOrder, "subject" | "options">,
  signal: AbortSignal,
): AsyncGenerator<readonly ListedEntry[], void, undefined> {
  const run = await rsync.start(order, signal);
  try {
    yield* readListing(run.stdout);
  } catch (error) {
    // A list that was cut short is not understood; what cut it says more.
    await run.ended;
    throw error;
  }
  await run.ended;
}

/**
 * Entries that rsync tells of, a page at a time. Lines have the form of rsync(1), `--list-only`: type and permissions, bytes,
 * date, time, name; what cannot be shown in a name is `\#` and three octal digits. A line that has another form is
 * `unsupported`: what is not understood is not guessed at.
 */
async function* readListing(
  stdout: Readable,
): AsyncGenerator<readonly ListedEntry[], void, undefined> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stdout as AsyncIterable<Buffer>) {
    const bytes = Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(newline) + 1;
    rest = bytes.subarray(end);
    const lines = bytes.toString("latin1", 0, end).split("\n").slice(0, -1);
    const entries = lines.map(parseLine).filter((entry) => entry !== undefined);
    if (entries.length > 0) yield entries;
  }
  if (rest.length > 0) throw notUnderstood(rest.toString("latin1"));
}

const newline = 0x0a;
const form =
  /^([-dlpsbcD])\S{9}[.+@]? +([\d,.]+) (\d{4})\/(\d\d)\/(\d\d) (\d\d):(\d\d):(\d\d) (.+)$/;

/** @param line its bytes, one character each; undefined for a name that is not UTF-8, which nothing leads to */
function parseLine(line: string): ListedEntry | undefined {
  const match = form.exec(line);
  if (match === null) throw notUnderstood(line);
  const [, type = "", size = "", ...rest] = match;
  const [year, month, day, hours, minutes, seconds] = rest.map(Number);
  const name = nameOf(rest[6] ?? "");
  if (name === undefined) return undefined;
  return {
    name,
    isFile: type === "-",
    isFolder: type === "d",
    size: Number(size.replaceAll(/[,.]/g, "")),
    modifiedAt: Date.UTC(year ?? 0, (month ?? 1) - 1, day, hours, minutes, seconds),
  };
}

function nameOf(shown: string): string | undefined {
  const bytes = shown.replaceAll(/\\#([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
  try {
    return decoder.decode(Buffer.from(bytes, "latin1"));
  } catch {
    return undefined;
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function notUnderstood(line: string): StorageError {
  const shown = JSON.stringify(line.slice(0, 200));
  return new StorageError(
    "unsupported",
    `The list of rsync holds a line of another form: ${shown}`,
  );
}

/** What is told of a file. Times are whole seconds; the size helps to tell versions apart. */
export function storedObject(key: string, { size, modifiedAt }: ListedEntry): StoredObject {
  return { key, size, modifiedAt, version: `${size}-${modifiedAt / 1000}` };
}
