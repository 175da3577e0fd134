import {
  array,
  object,
  optional,
  picklist,
  safeParse,
  string,
  type GenericSchema,
  type InferOutput,
} from "valibot";
import type { KeptBackup } from "#api/supervisor/backups/backups-port.ts";
import type { BackupWork, RestoreWork, WorkPart } from "#api/supervisor/jobs/jobs-port.ts";
import { partName, partOfInnerArchive, type Part } from "#core/model/part.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { DescribedRun } from "#jobs/runs/describe-run.ts";
import type { RunEnd } from "#jobs/runs/run-desk.ts";
import type { RunWish } from "./started-runs.ts";

/** What is known of a run besides its place in the journal. */
export interface KnownOfRun {
  /** What was asked for, if it was asked for here. */
  readonly wish: RunWish | undefined;
  /** What it has come to, for as long as that is remembered. */
  readonly end: RunEnd | undefined;
  /** The backup that it is about, if it is there. */
  readonly backup: KeptBackup | undefined;
}

/** A run that makes a backup, as work. Of one whose details are forgotten the backup itself tells what is in it. */
export function backupWork(run: DescribedRun, known: KnownOfRun): BackupWork {
  const { wish, end, backup } = known;
  const made = resultOf(madeResult, end);
  const parts =
    made?.parts.map(({ part, status, error }) => {
      const became = status === "failed" ? "failed" : "done";
      return { part: partCalled(part, wish), state: became, error } as const;
    }) ?? presentParts(run, known);
  return { work: "backup", run, full: wish?.full ?? backup?.type !== "partial", parts };
}

/** A run that restores a backup, as work. */
export function restoreWork(run: DescribedRun, known: KnownOfRun): RestoreWork {
  const { id, created, state } = run;
  const { wish, end, backup } = known;
  const result = resultOf(restoredResult, end);
  const parts =
    result?.parts.map(({ part, status, reason }) => {
      const isSkipped = status === "skipped";
      const became = isSkipped ? "failed" : "done";
      return {
        part: partCalled(part, wish),
        state: became,
        error: isSkipped ? reason : undefined,
      } as const;
    }) ?? presentParts(run, known);
  return {
    work: "restore",
    id,
    slug: run.backup?.slug ?? "",
    created,
    state: result?.status === "incomplete" ? "incomplete" : state,
    full: wish?.full ?? backup?.type !== "partial",
    parts,
    error: failureOf(run, end),
  };
}

/** What a run has come to, as far as it is needed here; undefined if it failed or is forgotten. */
function resultOf<Schema extends GenericSchema>(
  schema: Schema,
  end: RunEnd | undefined,
): InferOutput<Schema> | undefined {
  if (end?.kind !== "done") return undefined;
  const parsed = safeParse(schema, end.result);
  return parsed.success ? parsed.output : undefined;
}

/** Parts of what goes on, and of what nobody remembers in detail. */
function presentParts(
  { state, steps: [first] }: DescribedRun,
  { wish, backup }: KnownOfRun,
): readonly WorkPart[] {
  const parts = wish?.parts ?? (backup === undefined ? [] : partsOf(backup));
  const isGood = state === "done" || state === "incomplete" || first?.state === "done";
  const current = first?.progress?.part;
  const at = parts.findIndex((part) => partName(part) === current);
  return parts.map((part, index) => {
    if (isGood || index < at) return { part, state: "done", error: undefined };
    const isCurrent = index === at && state === "running";
    return { part, state: isCurrent ? "running" : "queued", error: undefined };
  });
}

function failureOf({ steps }: DescribedRun, end: RunEnd | undefined): string | undefined {
  if (end?.kind === "failed" && end.error instanceof SafehouseError) return end.error.message;
  return steps.find(({ error }) => error !== undefined)?.error?.message;
}

function partsOf({ homeassistant, addons, folders }: KeptBackup): readonly Part[] {
  return [
    ...(homeassistant === undefined ? [] : [{ kind: "homeassistant" as const }]),
    ...addons.map(({ slug }): Part => ({ kind: "addon", slug })),
    ...folders.map((name): Part => ({ kind: "folder", name })),
  ];
}

function partCalled(name: string, wish: RunWish | undefined): Part {
  const known = wish?.parts.find((part) => partName(part) === name);
  return known ?? partOfInnerArchive(name.replaceAll("/", "_"));
}

/** What is needed of `BackupResult`. */
const madeResult = object({
  parts: array(
    object({
      part: string(),
      status: picklist(["complete", "warnings", "failed"]),
      error: optional(string()),
    }),
  ),
});

/** What is needed of `RestoreResult`. */
const restoredResult = object({
  status: string(),
  parts: array(object({ part: string(), status: string(), reason: optional(string()) })),
});
