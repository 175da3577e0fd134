import { SafehouseError } from "../model/problem.ts";
import { compileGlob } from "./glob.ts";
import type { Rule } from "./rule.ts";

/**
 * Reads one rule as a user writes it.
 *
 *     **\/.git            a name at any depth, as `.git` alone would be
 *     media/**            everything below a folder
 *     *.mp4 > 50 MB       files of more than so many bytes
 *     !keep.mp4           goes in after all
 *     node_modules/       folders only
 *     CACHEDIR.TAG        the content of folders that hold a valid tag file
 *
 * Paths that rules see begin with the part's folder: `config`, `share`, `ssl`, `media`, `addons/local`
 * or `addon_data/<slug>`. A pattern without `/` matches a name at any depth; any other is matched from
 * the start of the path. What matches a folder holds for all below it, and the last rule that matches
 * decides. Sizes are in B, kB, MB, GB, TB (powers of 1000) or KiB, MiB, GiB, TiB (powers of 1024).
 *
 * @throws SafehouseError `usage`, naming the rule
 */
export function parseRule(text: string): Rule {
  const trimmed = text.trim();
  const include = trimmed.startsWith("!");
  const [pattern, largerThan] = splitSize((include ? trimmed.slice(1) : trimmed).trim(), trimmed);
  if (pattern === "CACHEDIR.TAG") return cacheDirRule(trimmed, include || largerThan !== undefined);
  checkPattern(pattern, trimmed);
  return { text: trimmed, include, pattern, ...(largerThan === undefined ? {} : { largerThan }) };
}

/** Reads a list, one rule a line; blank lines and lines that begin with `#` say nothing. */
export function parseRules(list: string): Rule[] {
  return list
    .split(/\r?\n/u)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map(parseRule);
}

const bytesPerUnit: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** `\>` is a character of the name. A size alone is a rule about every file. */
function splitSize(body: string, rule: string): [pattern: string, largerThan: number | undefined] {
  const found = /^(?<pattern>.*?)(?:^|\s)>(?<size>.*)$/u.exec(body)?.groups;
  if (found === undefined) return [body, undefined];
  const size = /^(?<number>\d+(?:\.\d+)?)\s*(?<unit>[a-z]*)$/iu.exec(
    (found["size"] ?? "").trim(),
  )?.groups;
  const unit = bytesPerUnit[(size?.["unit"] ?? "").toLowerCase()];
  const bytes = Math.round(Number(size?.["number"]) * (unit ?? Number.NaN));
  if (!Number.isSafeInteger(bytes)) fail(rule, "has no size such as 50 MB or 1 GiB after its >");
  return [(found["pattern"] ?? "").trim() || "*", bytes];
}

function cacheDirRule(text: string, hasMore: boolean): Rule {
  if (hasMore) fail(text, "cannot be combined: CACHEDIR.TAG stands alone");
  return { text, include: false, pattern: "CACHEDIR.TAG", cacheDirTag: true };
}

function checkPattern(pattern: string, rule: string): void {
  if (pattern.replaceAll("/", "") === "") fail(rule, "has no pattern");
  if (pattern.includes("\0")) fail(rule, "holds a character that no file name can hold");
  if (pattern.split("/").some((name) => name === "." || name === ".."))
    fail(rule, "must not hold . or .. as a name");
  try {
    compileGlob(pattern);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    fail(rule, "is longer or has more alternatives than Safehouse accepts");
  }
}

function fail(rule: string, reason: string): never {
  const shown = rule.length > 80 ? `${rule.slice(0, 80)}…` : rule;
  throw new SafehouseError("usage", `The rule "${shown}" ${reason}`, { subject: shown });
}
