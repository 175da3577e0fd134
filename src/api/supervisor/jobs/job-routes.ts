import type { Hono } from "hono";
import { optional, picklist, strictObject } from "valibot";
import type { ApiVersion } from "../api-version.ts";
import { success } from "../http/envelope.ts";
import { OfficialError } from "../http/official-error.ts";
import { readBody } from "../http/request-body.ts";
import { uniqueList } from "../http/request-fields.ts";
import type { SupervisorApi } from "../supervisor-api.ts";
import { backupJob } from "./backup-job.ts";
import type { Job } from "./job-tree.ts";
import type { Work } from "./jobs-port.ts";
import { restoreJob } from "./restore-job.ts";

/** Backups and restores that go on or have ended. */
export function addJobRoutes(app: Hono, { home, version, requires }: SupervisorApi): void {
  const { jobs } = home;
  const list = async (): Promise<Job[]> => (await jobs.list()).map((work) => jobOf(work, version));

  app.get("/jobs/info", requires("read"), async () =>
    success({ ignore_conditions: await jobs.ignoredConditions(), jobs: await list() }),
  );

  app.post("/jobs/options", requires("admin"), async (context) => {
    const { ignore_conditions: conditions } = await readBody(context.req.raw, optionsRequest);
    if (conditions !== undefined) await jobs.setIgnoredConditions(conditions);
    return success();
  });

  app.post("/jobs/reset", requires("admin"), async () => {
    await jobs.setIgnoredConditions([]);
    return success();
  });

  app.get("/jobs/:id", requires("read"), async (context) =>
    success({ ...find(withChildren(await list()), context.req.param("id")) }),
  );

  app.delete("/jobs/:id", requires("admin"), async (context) => {
    const { uuid, done } = find(await list(), context.req.param("id"));
    if (done !== true) throw new OfficialError(`Job ${uuid} is not done!`);
    await jobs.forget(uuid);
    return success();
  });
}

/** A piece of work as the tree of jobs that official clients expect. */
function jobOf(work: Work, version: ApiVersion): Job {
  return work.work === "backup" ? backupJob(work, version) : restoreJob(work, version);
}

function withChildren(jobs: readonly Job[]): readonly Job[] {
  return jobs.flatMap((job) => [job, ...withChildren(job.child_jobs)]);
}

function find(jobs: readonly Job[], id: string): Job {
  const wanted = id.replaceAll("-", "").toLowerCase();
  const found = jobs.find(({ uuid }) => uuid === wanted);
  if (found === undefined) throw new OfficialError("Job does not exist", { status: 404 });
  return found;
}

const optionsRequest = strictObject({
  ignore_conditions: optional(
    uniqueList(
      picklist(
        [
          "architecture_supported",
          "auto_update",
          "free_space",
          "frozen",
          "haos",
          "healthy",
          "home_assistant_core_supported",
          "host_network",
          "internet_host",
          "internet_system",
          "mount_available",
          "os_agent",
          "os_supported",
          "plugins_updated",
          "running",
          "supervisor_updated",
        ],
        "expected JobCondition or one of its names",
      ),
    ),
  ),
});
