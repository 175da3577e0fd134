import { SafehouseError } from "#core/model/problem.ts";
import type { HomePaths } from "../home-paths.ts";
import { requirePartRoot } from "./part-root.ts";
import type { PartRequest } from "./read-part.ts";
import type { PartTally } from "./reader-protocol.ts";
import { runReader } from "./run-reader.ts";

export interface PartMeasure {
  readonly files: number;
  /** Sum of the sizes of what would go in; databases as large as their file, without their log. */
  readonly bytes: number;
  /** Of `bytes`: in files whose kind (photos, films, archives …) is known not to compress. */
  readonly incompressibleBytes: number;
  /** Files, folders and links. */
  readonly entries: number;
  /** UTF-8 bytes of all their paths and of what links point to. */
  readonly nameBytes: number;
}

/** Adds up what a backup of a part would hold. Opens no file and writes nothing. Errors as `readPart`. */
export async function measurePart(
  paths: HomePaths,
  request: PartRequest,
  signal: AbortSignal,
): Promise<PartMeasure> {
  const { leftOut: _, ...measured } = await countPart(paths, request, signal);
  return measured;
}

/** The same with what each rule of `compilePartRules` leaves out. */
export async function countPart(
  paths: HomePaths,
  request: PartRequest,
  signal: AbortSignal,
): Promise<PartTally> {
  const { part, database, rules } = request;
  const task = {
    kind: "count" as const,
    part,
    root: requirePartRoot(paths, part),
    database,
    rules,
    dataDir: paths.dataDir,
  };
  let tally: PartTally | undefined;
  for await (const { message } of runReader(task, signal))
    if (message.kind === "counted") tally = message.tally;
  if (tally === undefined)
    throw new SafehouseError("incomplete", `Counting ${task.root} broke off`);
  return tally;
}
