import type { RunDocument } from "#operations/runs/run-schema.ts";
import { formatBytes } from "../../output/format-bytes.ts";
import { printable, type Column } from "../../output/table.ts";

type StepDocument = RunDocument["steps"][number];

/** So much of an id tells the runs of a home apart. */
const shortId = 8;

export const runColumns: readonly Column[] = [
  { title: "ID" },
  { title: "BEGUN" },
  { title: "STATE" },
  { title: "STEP" },
  { title: "SLUG" },
  { title: "NAME" },
];

/** One row of `runs list`: the step is the one at work, else the one that went wrong. */
export function runRow({ id, created, state, steps, backup }: RunDocument): readonly string[] {
  const step =
    steps.find((candidate) => candidate.state === "running") ??
    steps.find((candidate) => candidate.state === "waiting-to-retry") ??
    steps.find((candidate) => candidate.state === "failed" || candidate.state === "cancelled");
  return [
    id.slice(0, shortId),
    timeText(created),
    state,
    step === undefined ? "" : stepText(step),
    backup?.slug ?? "",
    backup?.name ?? "",
  ];
}

/** Everything about a run, for people. */
export function formatRun(run: RunDocument): string {
  const rows = [
    ["Run", run.id],
    ["State", run.cancelAsked !== undefined && run.ended === undefined ? "cancelling" : run.state],
    ["Asked for by", run.trigger.kind === "plan" ? `plan ${run.trigger.plan}` : "a person"],
    ["Process", String(run.pid)],
    ["Begun", timeText(run.created)],
    ["Ended", run.ended === undefined ? "not yet" : timeText(run.ended)],
    ["Backup", run.backup === undefined ? "none yet" : `${run.backup.slug}  ${run.backup.name}`],
  ];
  const head = rows.map(([label = "", value = ""]) => `${label.padEnd(13)} ${printable(value)}\n`);
  return [...head, ...run.steps.map(formatStep)].join("");
}

function formatStep(step: StepDocument): string {
  const { progress, attempts, error } = step;
  const bytes = progress === undefined ? "" : `  ${formatBytes(progress.bytes)}`;
  const tries = attempts > 1 ? `  (attempt ${attempts})` : "";
  const retry = step.retryAt === undefined ? "" : `  again at ${timeText(step.retryAt)}`;
  const lines = [
    `${stepText(step)} at ${step.location}: ${step.state}${bytes}${tries}${retry}`,
    ...(error === undefined ? [] : [`  ${error.message}`]),
    ...(error?.advice === undefined ? [] : [`  ${error.advice}`]),
    ...step.log
      .filter(({ text }) => text !== error?.message)
      .map(({ at, text }) => `  ${timeText(at)}  ${text}`),
  ];
  return lines.map((line) => `${printable(line)}\n`).join("");
}

function stepText({ kind, state, percent }: StepDocument): string {
  return percent === undefined || state === "done" ? kind : `${kind} ${percent} %`;
}

/** As `backups list` shows times, with seconds; UTC. */
function timeText(iso: string): string {
  return iso.slice(0, 19).replace("T", " ");
}
