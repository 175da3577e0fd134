import type { PlanRecords } from "../plan-records-port.ts";
import type { PlanStore } from "../plan-store-port.ts";

/** The plans of a home and what is remembered of them. */
export interface HomePlans {
  readonly store: PlanStore;
  readonly records: PlanRecords;
  /** Id of the installation; made when it is first asked for. */
  installation(): Promise<string>;
}
