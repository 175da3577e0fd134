import { SafehouseError } from "../model/problem.ts";
import { minutesOfDay, readTimeOfDay } from "./time-of-day.ts";

/** How many bytes per second may move, by the time of the day. */
export interface Bandwidth {
  /** In the order of the day; the last one also counts from midnight to the first. */
  readonly stages: readonly BandwidthStage[];
}

interface BandwidthStage {
  /** Minutes since midnight. */
  readonly from: number;
  /** Undefined for no limit. */
  readonly bytesPerSecond: number | undefined;
}

/**
 * Reads a limit as rclone writes it: one rate for the whole day (`512k`, `1.5M`), or a timetable
 * (`08:00,512k 23:00,off`). Rates are bytes per second with the suffixes B, K, M, G by 1024; without one they are KiB.
 * Source: rclone's documentation of `--bwlimit`.
 * @throws SafehouseError `usage`
 */
export function parseBandwidth(text: string): Bandwidth {
  const words = text.trim().split(/\s+/u);
  const [only = ""] = words;
  if (words.length === 1 && !only.includes(","))
    return { stages: [{ from: 0, bytesPerSecond: readRate(only) }] };
  const stages = words.map((word) => {
    const [time = "", rate = "", ...more] = word.split(",");
    if (more.length > 0) throw noRate(word);
    return { from: readTimeOfDay(time), bytesPerSecond: readRate(rate) };
  });
  return { stages: stages.toSorted((a, b) => a.from - b.from) };
}

/** Bytes per second at a moment, by the clock on the wall here; undefined for no limit. */
export function bandwidthAt({ stages }: Bandwidth, now: number): number | undefined {
  const minutes = minutesOfDay(now);
  const present = stages.findLast(({ from }) => from <= minutes) ?? stages.at(-1);
  return present?.bytesPerSecond;
}

const factors: Readonly<Record<string, number>> = {
  b: 1,
  "": 1024,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
};

function readRate(text: string): number | undefined {
  if (text.toLowerCase() === "off") return undefined;
  const [, number = "", suffix = ""] = /^(\d+(?:\.\d+)?)([bkmg]?)$/iu.exec(text) ?? [];
  const rate = Number(number) * (factors[suffix.toLowerCase()] ?? 0);
  if (number !== "" && rate >= 1) return rate;
  throw noRate(text);
}

function noRate(text: string): SafehouseError {
  return new SafehouseError("usage", `"${text}" is no bandwidth`, {
    subject: text,
    advice: "Write a rate as 512k or 2M, or a timetable as 08:00,512k 23:00,off",
  });
}
