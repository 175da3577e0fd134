import type { IncomingMessage } from "node:http";
import { chanceOf } from "./chance.ts";
import { HttpLine, type Fate } from "./http-line.ts";
import { Line } from "./line.ts";

/** A way to a server of this machine on which much goes wrong by chance, and the same again with the same seed. */
export interface FaultProxy extends AsyncDisposable {
  /** Port of 127.0.0.1. */
  readonly port: number;
  /** Bytes that clients have sent, also those that were lost on their way. */
  readonly sentBytes: number;
  /** What went wrong so far: how often, by its name; and how many requests there were. */
  faults(): Readonly<Record<string, number>>;
}

export interface FaultOptions {
  /** Requests of HTTP have their fates one by one. Of all else nothing is known but its bytes. */
  readonly speaks: "http" | "bytes";
  readonly seed: number;
}

/**
 * Starts one. Of requests of HTTP 10 % are reset, half of them in the body and half in the answer, and 5 % get a 503; 1 %
 * each stall in the middle, crawl, are swallowed, or get half a line for an answer. Where nothing is known but bytes, the
 * line is cut as often as it would be by requests of ten megabytes of which 10 % are reset.
 * @param target port of the server on 127.0.0.1
 */
export async function faultProxy(target: number, options: FaultOptions): Promise<FaultProxy> {
  const chance = chanceOf(options.seed);
  if (options.speaks === "http") return faultyRequests(target, chance);
  // Gaps as of things that happen at any moment, whatever happened before.
  const nextCut = (): number => Math.ceil(-Math.log(1 - chance()) * bytesBetweenCuts);
  const line = await Line.to(target, { nextCut });
  return Object.assign(line, { faults: () => ({ cuts: line.cuts }) });
}

const mebibyte = 1024 * 1024;
const bytesBetweenCuts = 100 * mebibyte;
/** So slow that it is noticed, and not so slow that nobody could wait for it. */
const crawl = 4 * mebibyte;

async function faultyRequests(target: number, chance: () => number): Promise<FaultProxy> {
  const counts = new Map<string, number>();
  const count = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);
  const line = await HttpLine.to(target, (incoming) => {
    const [name, fate] = fateOf(incoming, chance);
    count("requests");
    if (fate !== undefined) count(name);
    return fate;
  });
  return Object.assign(line, { faults: () => Object.fromEntries(counts) });
}

type Named = readonly [name: string, fate: Fate];

function fateOf({ headers }: IncomingMessage, chance: () => number): Named {
  const [kind, where] = [chance(), chance()];
  const at = Math.floor(where * Number(headers["content-length"] ?? 0));
  const found = fates.find(([below]) => kind < below);
  return found === undefined ? ["passes", undefined] : [found[1], found[2](at)];
}

/** Each with the chance of it and of those before it. */
const fates: readonly (readonly [below: number, name: string, fate: (at: number) => Fate])[] = [
  [0.05, "resets in the body", (cutBodyAt) => ({ cutBodyAt })],
  [0.1, "resets in the answer", () => "lose-answer"],
  [0.15, "503", () => ({ status: 503, code: "SlowDown" })],
  [0.16, "stalls", (stallAt) => ({ stallAt })],
  [0.17, "slow lines", () => ({ bytesPerSecond: crawl })],
  [0.18, "black holes", () => "swallow"],
  [0.19, "half-written replies", () => "halve-answer"],
];
