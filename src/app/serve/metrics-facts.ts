import type { CopyMetrics, MetricsFacts, PlanMetrics } from "#api/metrics.ts";
import type { PlanCopyFacts } from "#core/alerts/alert-facts.ts";
import { failuresOfPlan } from "#core/alerts/failures-of-plan.ts";
import { gatherFacts, type KnownHome } from "#core/alerts/gather-facts.ts";
import type { Run } from "#core/model/run.ts";
import type { Clock } from "#core/ports.ts";
import type { HomePlan } from "#core/plan/home-plan.ts";
import { describePlan } from "#jobs/plan/describe-plan.ts";
import { copyFacts } from "#jobs/prune/copy-facts.ts";
import type { LocalHome } from "../local-home.ts";
import { onlyHome } from "../only-home.ts";
import { programVersion } from "../program-version.ts";
import type { HomeWatch } from "./home-watch.ts";

export interface MetricsTools {
  readonly home: LocalHome;
  readonly watch: HomeWatch;
  readonly clock: Clock;
}

/** What `/metrics` tells: of the last look after the home, and of the process as it is now. */
export async function metricsFacts({ home, watch, clock }: MetricsTools): Promise<MetricsFacts> {
  const now = clock.now();
  const { known } = watch;
  const open = await watch.telling.alerts.open(onlyHome);
  const count = (severity: "error" | "warning"): number =>
    open.filter((alert) => alert.severity === severity).length;
  const { plans } = await home.plans.store.read();
  return {
    now,
    version: programVersion,
    started: now - process.uptime() * 1000,
    residentBytes: process.memoryUsage.rss(),
    openAlerts: { error: count("error"), warning: count("warning") },
    plans: await Promise.all(plans.map(({ plan }) => planMetrics(plan, { home, known, now }))),
    copies: known === undefined ? [] : await copyMetrics(known, home),
  };
}

async function planMetrics(
  plan: HomePlan,
  {
    home,
    known,
    now,
  }: { readonly home: LocalHome; readonly known: KnownHome | undefined; readonly now: number },
): Promise<PlanMetrics> {
  const record = await home.plans.records.read(plan.id);
  const facts = { record, installation: await home.installation(), now, count: 1 };
  const [next] = describePlan(plan, facts).coming;
  const runs = known?.runs ?? [];
  const last = runs.find((run) => run.ended !== undefined && isOf(run, plan.id));
  return {
    plan: plan.id,
    nextRun: next === undefined ? undefined : Date.parse(next.at),
    lastDuration: last?.ended === undefined ? undefined : last.ended - last.created,
    failures: failuresOfPlan(plan.id, runs).failures,
  };
}

function isOf({ trigger }: Run, plan: string): boolean {
  return trigger.kind === "plan" && trigger.plan === plan;
}

async function copyMetrics(known: KnownHome, home: LocalHome): Promise<readonly CopyMetrics[]> {
  return Promise.all((gatherFacts(known).copies ?? []).map((copy) => metricsOf(copy, known, home)));
}

/** Good is what was read back and does not wait to go on, as alerts have it. */
async function metricsOf(
  { plan, location, lastGood, failures }: PlanCopyFacts,
  known: KnownHome,
  home: LocalHome,
): Promise<CopyMetrics> {
  const waiting = new Set(
    known.copies?.get(location)?.flatMap(({ slug, waits }) => (waits === true ? [slug] : [])),
  );
  const { backups } = await home.locations().remembered(location);
  const installation = await home.installation();
  const good = backups.filter((backup) => {
    const { slug, owner, plan: madeBy, state, verification } = copyFacts(backup, installation);
    const isRead = !waiting.has(slug) && (verification === "proven" || verification === "readable");
    return owner === "this" && madeBy === plan && state === "present" && isRead;
  });
  // Listings are newest first.
  return { plan, location, lastGood, bytes: good[0]?.object.size, count: good.length, failures };
}
