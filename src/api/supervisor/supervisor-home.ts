import type { SupervisorBackups } from "./backups/backups-port.ts";
import type { SupervisorInfo } from "./info/info-port.ts";
import type { SupervisorJobs } from "./jobs/jobs-port.ts";
import type { SupervisorMounts } from "./mounts/mounts-port.ts";

/**
 * What the Supervisor-compatible API needs of the program. Whatever a client is to understand is rejected as a
 * `SafehouseError`, failures of a place too; anything else is a fault and becomes an answer without details.
 */
export interface SupervisorHome {
  readonly backups: SupervisorBackups;
  readonly jobs: SupervisorJobs;
  readonly mounts: SupervisorMounts;
  readonly info: SupervisorInfo;
}
