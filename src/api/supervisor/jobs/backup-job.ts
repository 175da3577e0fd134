import { partName } from "#core/model/part.ts";
import type { DescribedRun, DescribedStep } from "#jobs/runs/describe-run.ts";
import type { ApiVersion } from "../api-version.ts";
import { jobTree, type Job, type JobSeed } from "./job-tree.ts";
import type { BackupWork } from "./jobs-port.ts";
import { allDone, groupedPartJobs, homeAssistantJob } from "./part-jobs.ts";
import { stageOfPart, type Stage } from "./stage.ts";

/**
 * A backup as a job. Official servers keep errors of add-ons, folders and further copies from the root, and clients
 * call a backup failed whose root has errors: so they stand on the children.
 */
export function backupJob({ run, full, parts }: BackupWork, version: ApiVersion): Job {
  const slug = run.backup?.slug ?? null;
  const home = homeSteps(run);
  const copies = copyJobs(run, slug);
  const failures = failuresOfAll(home);
  const done = isOver(home) && copies.every((copy) => copy.done === true);
  const root: JobSeed = {
    name: `backup_manager_${full ? "full" : "partial"}_backup`,
    reference: slug,
    done: run.state === "queued" ? null : done,
    stage: stageOf({ run, full, parts, work: "backup" }),
    failures,
    ...(done ? {} : { progress: home[0]?.percent ?? 0 }),
    children: [
      ...homeAssistantJob(parts, "backup_store_homeassistant", slug),
      ...groupedPartJobs(parts, "addon", { names: addonJobs[version], slug }),
      ...groupedPartJobs(parts, "folder", { names: folderJobs, slug }),
      ...copies,
    ],
  };
  return jobTree(root, run);
}

/** Home Assistant looks for the older names to learn which add-ons failed. */
const addonJobs = {
  1: { all: "backup_store_addons", each: "backup_addon_save" },
  2: { all: "backup_store_apps", each: "backup_app_save" },
} as const;
const folderJobs = { all: "backup_store_folders", each: "backup_folder_save" };

/** What has to succeed for there to be a backup: made, and read back where it was made. */
function homeSteps({ steps }: DescribedRun): readonly DescribedStep[] {
  const place = steps[0]?.location;
  return steps.filter(
    ({ kind, location }) => location === place && (kind === "make" || kind === "verify"),
  );
}

function copyJobs({ steps }: DescribedRun, slug: string | null): readonly JobSeed[] {
  const children = steps
    .filter(({ kind }) => kind === "deliver")
    .map((step): JobSeed => {
      const failures = failuresOf(step);
      return {
        name: "backup_copy_to_location",
        reference: step.location,
        done: doneOf(step),
        failures,
      };
    });
  if (children.length === 0) return [];
  const name = "backup_copy_to_additional_locations";
  return [{ name, reference: slug, done: allDone(children), children }];
}

/** A copy that is tried again later has failed for now, and nobody has to wait for it. */
function doneOf({ state }: DescribedStep): boolean | null {
  if (state === "queued") return null;
  return state !== "running";
}

function isOver(steps: readonly DescribedStep[]): boolean {
  return steps.every(
    ({ state }) => state !== "queued" && state !== "running" && state !== "waiting-to-retry",
  );
}

/** A backup that was not made never passes for good, even if nobody said why. */
function failuresOfAll(steps: readonly DescribedStep[]): readonly string[] {
  const failures = steps.flatMap(failuresOf);
  const isGood = steps.every(({ state }) => state === "done");
  return isGood || failures.length > 0 || !isOver(steps) ? failures : ["It was never begun"];
}

function failuresOf({ state, error }: DescribedStep): readonly string[] {
  if (state === "cancelled") return ["It was cancelled"];
  if (state !== "failed" && state !== "waiting-to-retry") return [];
  return [error?.message ?? "It failed"];
}

function stageOf({ run, parts }: BackupWork): Stage | null {
  const [make, ...rest] = run.steps;
  if (make === undefined || run.state === "queued") return null;
  if (make.state === "done") {
    const copying = rest.some(({ kind, state }) => kind === "deliver" && state !== "queued");
    return copying ? "copy_additional_locations" : "finishing_file";
  }
  const atWork = make.progress?.part;
  const part = parts.find((candidate) => partName(candidate.part) === atWork);
  return part === undefined ? null : stageOfPart(part.part);
}
