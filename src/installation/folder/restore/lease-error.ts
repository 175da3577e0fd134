import { SafehouseError, type Problem } from "#core/model/problem.ts";

/** What a person is told when a lease cannot be written; every other error comes back. */
export function asLeaseError(error: unknown, folder: string): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const [problem, text, advice] = byCode.get(code) ?? [];
  if (problem === undefined || text === undefined || advice === undefined) return error;
  return new SafehouseError(problem, `${folder} ${text}`, {
    subject: folder,
    advice,
    cause: error,
  });
}

type Description = readonly [problem: Problem, text: string, advice: string];

const choose = "Choose another data directory with --data-dir or SAFEHOUSE_DATA";
const denied: Description = [
  "denied",
  "may not be written by this user",
  `Let the user who runs Safehouse write there. ${choose}`,
];
const full: Description = [
  "no-space",
  "cannot be written: the disk is full",
  "Free some space there",
];
const noFolder: Description = [
  "usage",
  "cannot be made: a part of its path is no folder, or is missing",
  choose,
];

const byCode: ReadonlyMap<string, Description> = new Map([
  ["EACCES", denied],
  ["EPERM", denied],
  ["EROFS", ["read-only", "lies on a read-only file system", choose]],
  ["ENOSPC", full],
  ["EDQUOT", full],
  ["ENOTDIR", noFolder],
  ["EEXIST", noFolder],
  ["ENOENT", noFolder],
]);
