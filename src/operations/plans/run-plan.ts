import { strictObject } from "valibot";
import { SafehouseError } from "#core/model/problem.ts";
import type { HomePlan } from "#core/plan/home-plan.ts";
import { runBackup, type RunBackupRequest } from "#jobs/backup/run-backup.ts";
import { backupRequestOf } from "#jobs/plan/backup-request-of.ts";
import { retryPatiently } from "#jobs/runs/retry-policies.ts";
import { OpenRing } from "#keys/open-ring.ts";
import type { HomeContext } from "../home-context.ts";
import { defineOperation } from "../operation.ts";
import { begunSchema } from "../runs/begun-schema.ts";
import type { OpenHome } from "../services.ts";
import { planId } from "./plan-id.ts";

export const runPlanOperation = defineOperation({
  id: "runPlan",
  summary: "Run a plan now, also one that is not enabled",
  method: "post",
  path: "/plans/{plan}/run",
  scope: "backup",
  startsRun: true,
  input: strictObject({ plan: planId }),
  output: begunSchema,
  async run({ plan: id }, context) {
    const { services, place, desk } = context;
    const plan = await findPlan(id, context);
    // What is wrong with the home or the plan is told before there is a run.
    await using looked = await services.openHome(place);
    await requestOf(plan, looked, context);
    const run = await desk.begin(async ({ begun, signal }) => {
      await using home = await services.openHome(place);
      await using runs = await services.openRuns(place);
      const report = (): void => undefined;
      return await runBackup(await requestOf(plan, home, context), {
        runs: runs.tools,
        backup: { installation: home.installation, ...home.tools, report, signal },
        installationId: await home.installationId(),
        openLocation: home.openLocation,
        hold: (held) => home.hold("backup", held),
        // A plan whose backup cannot be made is tried again as a whole, and soon.
        retry: retryPatiently({ make: false }),
        queue: true,
        waitsFor: () => undefined,
        begun,
      });
    });
    return { run };
  },
});

async function findPlan(id: string, { services, place }: HomeContext): Promise<HomePlan> {
  const { plans, damaged } = await services.plans(place).store.read();
  const found = plans.find(({ plan }) => plan.id === id);
  if (found !== undefined) return found.plan;
  const error = damaged.find((plan) => plan.id === id)?.error;
  throw error ?? new SafehouseError("not-found", `There is no plan ${id}`, { subject: id });
}

async function requestOf(
  plan: HomePlan,
  home: OpenHome,
  { services, place, signal }: HomeContext,
): Promise<RunBackupRequest> {
  const { plans } = await services.plans(place).store.read();
  const { request, locations } = await backupRequestOf(plan, {
    state: await home.installation.describe(signal),
    plans: plans.map((stored) => stored.plan),
    ring: new OpenRing(services.keyRing(place)),
    rules: home.rules,
    now: home.tools.clock.now(),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    hostname: services.hostname,
  });
  return { ...request, locations, trigger: { kind: "plan", plan: plan.id } };
}
