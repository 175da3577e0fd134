import type { RunState } from "#core/run/run-state.ts";
import type { ApiVersion } from "../api-version.ts";
import { jobTree, type Job } from "./job-tree.ts";
import type { RestoreWork } from "./jobs-port.ts";
import { groupedPartJobs, homeAssistantJob } from "./part-jobs.ts";
import { stageOfPart, type Stage } from "./stage.ts";

/**
 * A restore as a job. Clients look at the errors of the root alone, where official servers do not put those of
 * parts, so that a restore passes for good that was not: here they stand on both.
 */
export function restoreJob(work: RestoreWork, version: ApiVersion): Job {
  const { slug, full, parts, state, error } = work;
  const failed = parts.filter((part) => part.state === "failed");
  const whole = error === undefined ? wholeFailure(state, failed.length) : [error];
  return jobTree(
    {
      name: `backup_manager_${full ? "full" : "partial"}_restore`,
      reference: slug,
      done: doneOf[state],
      stage: stageOf(work),
      failures: [...whole, ...failed.map((part) => part.error ?? "It failed")],
      children: [
        ...groupedPartJobs(parts, "folder", { names: folderJobs, slug }),
        ...homeAssistantJob(parts, "backup_restore_homeassistant", slug),
        ...groupedPartJobs(parts, "addon", { names: addonJobs[version], slug }),
      ],
    },
    work,
  );
}

const folderJobs = { all: "backup_restore_folders", each: "backup_folder_restore" };
const addonJobs = {
  1: { all: "backup_restore_addons", each: "backup_addon_restore" },
  2: { all: "backup_restore_apps", each: "backup_app_restore" },
} as const;

const doneOf: Readonly<Record<RunState, boolean | null>> = {
  queued: null,
  running: false,
  done: true,
  incomplete: true,
  failed: true,
  cancelled: true,
};

/** A restore that did not succeed never passes for good, even if nobody said why. */
function wholeFailure(state: RunState, failedParts: number): readonly string[] {
  if (state === "cancelled") return ["The restore was cancelled"];
  if (failedParts > 0) return [];
  if (state === "incomplete") return ["Not everything was restored"];
  return state === "failed" ? ["The restore failed"] : [];
}

function stageOf({ parts, state }: RestoreWork): Stage | null {
  const running = parts.find((part) => part.state === "running");
  if (running !== undefined) return stageOfPart(running.part);
  const hasCore = parts.some(({ part }) => part.kind === "homeassistant");
  return doneOf[state] === true && hasCore ? "await_home_assistant_restart" : null;
}
