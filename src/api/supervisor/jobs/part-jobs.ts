import { partName, type Part } from "#core/model/part.ts";
import type { JobSeed } from "./job-tree.ts";
import type { WorkPart } from "./jobs-port.ts";

/** One job about all parts of a kind, above one for each of them. */
export interface PartJobNames {
  readonly all: string;
  readonly each: string;
}

/** Jobs about the parts of one kind; none if there is none. The errors of parts stand with them alone. */
export function groupedPartJobs(
  parts: readonly WorkPart[],
  kind: Part["kind"],
  { names, slug }: { readonly names: PartJobNames; readonly slug: string | null },
): readonly JobSeed[] {
  const chosen = parts.filter(({ part }) => part.kind === kind);
  if (chosen.length === 0) return [];
  const children = chosen.map((part) => partJob(part, names.each, partName(part.part)));
  return [{ name: names.all, reference: slug, done: allDone(children), children }];
}

/** The job about Home Assistant itself; none if it does not take part. */
export function homeAssistantJob(
  parts: readonly WorkPart[],
  name: string,
  slug: string | null,
): readonly JobSeed[] {
  return parts
    .filter(({ part }) => part.kind === "homeassistant")
    .map((part) => partJob(part, name, slug));
}

/** What has become of several jobs together. */
export function allDone(jobs: readonly JobSeed[]): boolean | null {
  if (jobs.every(({ done }) => done === null)) return null;
  return jobs.every(({ done }) => done === true);
}

function partJob({ state, error }: WorkPart, name: string, reference: string | null): JobSeed {
  const failures = state === "failed" ? [error ?? "It failed"] : [];
  return { name, reference, done: doneOf[state], failures };
}

const doneOf: Readonly<Record<WorkPart["state"], boolean | null>> = {
  queued: null,
  running: false,
  done: true,
  failed: true,
};
