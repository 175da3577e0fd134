import { strictObject } from "valibot";
import { isOpen } from "#core/location/is-open.ts";
import type { HomePlan } from "#core/plan/home-plan.ts";
import { runBackup, type RunBackupRequest } from "#jobs/backup/run-backup.ts";
import { backupRequestOf, type PlannedBackup } from "#jobs/plan/backup-request-of.ts";
import { findPlan } from "#jobs/plan/find-plan.ts";
import { retryOnce, retryPatiently } from "#jobs/runs/retry-policies.ts";
import { OpenRing } from "#keys/open-ring.ts";
import { madeSchema } from "../backups/made-schema.ts";
import type { HomeContext } from "../home-context.ts";
import { currentKeys } from "../keys/current-keys.ts";
import { defineRunOperation } from "../operation.ts";
import type { OpenHome } from "../services.ts";
import { givenId } from "../schema/names.ts";

export const runPlanOperation = defineRunOperation({
  id: "runPlan",
  summary: "Run a plan now, also one that is not enabled",
  method: "post",
  path: "/plans/{plan}/run",
  scope: "backup",
  input: strictObject({ plan: givenId }),
  result: madeSchema,
  async run({ plan: id }, context) {
    const { services, place, desk, person } = context;
    const plan = await findPlan(services.plans(place), id);
    // What is wrong with the home or the plan is told before there is a run.
    const before = await services.openHome(place);
    await plannedBackup(plan, before, context);
    await before[Symbol.asyncDispose]();
    const run = await desk.begin(async ({ begun, signal }) => {
      await using home = await services.openHome(place);
      await using runs = await services.openRuns(place);
      const report = person?.report ?? ((): void => undefined);
      const planned = await plannedBackup(plan, home, context);
      const locations = await openNow(planned, context);
      const made = await runBackup(
        { ...requestOf(planned), locations },
        {
          runs: runs.tools,
          backup: { installation: home.installation, ...home.tools, report, signal },
          installationId: await home.installationId(),
          openLocation: home.openLocation,
          isNear: (id) => home.isNear(id),
          currentKeys: currentKeys(context),
          hold: (held) => home.hold("backup", held),
          // Making is tried again by the scheduler, with a new name and the parts of that moment.
          retry: person === undefined ? retryPatiently({ make: false }) : retryOnce,
          queue: true,
          waitsFor: person?.waitsFor ?? ((): void => undefined),
          begun,
        },
      );
      const recovered = [...before.recovered, ...home.recovered];
      return { ...made, key: planned.key?.id ?? null, recovered };
    });
    return { run };
  },
});

async function plannedBackup(
  plan: HomePlan,
  home: OpenHome,
  { services, place, signal }: HomeContext,
): Promise<PlannedBackup> {
  const { plans } = await services.plans(place).store.read();
  return backupRequestOf(plan, {
    state: await home.installation.describe(signal),
    plans: plans.map((stored) => stored.plan),
    ring: new OpenRing(services.keyRing(place)),
    rules: home.rules,
    now: home.tools.clock.now(),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    hostname: services.hostname,
  });
}

/**
 * Where this run goes: a location that is not open at this hour gets its copy when it is, of which a server takes care.
 * What a person asks for goes everywhere now.
 */
async function openNow(
  { locations }: PlannedBackup,
  { services, place, person }: HomeContext,
): Promise<PlannedBackup["locations"]> {
  if (person !== undefined) return locations;
  await using open = await services.openLocations(place);
  const now = open.clock.now();
  const records = await open.locations.list();
  const closed = new Set(records.filter((one) => !isOpen(one, now)).map(({ id }) => id));
  const present = locations.filter(({ location }) => !closed.has(location));
  return present.length > 0 ? present : locations.slice(0, 1);
}

function requestOf({ request, locations, plan }: PlannedBackup): RunBackupRequest {
  return { ...request, locations, trigger: { kind: "plan", plan } };
}
