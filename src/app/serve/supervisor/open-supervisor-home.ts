import type { SupervisorHome } from "#api/supervisor/supervisor-home.ts";
import { HomeBackups } from "./home-backups.ts";
import { HomeHold } from "./home-hold.ts";
import { HomeInfo } from "./home-info.ts";
import { HomeJobs } from "./home-jobs.ts";
import { HomeMounts } from "./home-mounts.ts";
import type { HomeTools } from "./home-tools.ts";
import { RecentLook } from "./recent-look.ts";
import { StartedRuns } from "./started-runs.ts";

/** The home behind the Supervisor's API. Closing it lets the home go if it is held. */
export function openSupervisorHome(tools: HomeTools): SupervisorHome & AsyncDisposable {
  const look = new RecentLook(tools);
  const runs = new StartedRuns(tools);
  const hold = new HomeHold(tools);
  const info = new HomeInfo(tools);
  return {
    backups: new HomeBackups(tools, { look, runs, hold, info }),
    jobs: new HomeJobs(tools, look, runs),
    mounts: new HomeMounts(tools, look),
    info,
    [Symbol.asyncDispose]: () => hold[Symbol.asyncDispose](),
  };
}
