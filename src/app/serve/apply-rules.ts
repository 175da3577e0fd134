import type { Log } from "#core/ports.ts";
import type { LocalHome } from "../local-home.ts";
import type { Workers } from "./workers.ts";

export interface ApplyRulesTools {
  readonly home: LocalHome;
  readonly workers: Workers;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Applies the rules of all plans once, one plan after the other: a run that was cut short may have left more
 * than they keep. Never rejects.
 */
export async function applyRules({ home, workers, log, signal }: ApplyRulesTools): Promise<void> {
  try {
    const { plans } = await home.plans.store.read();
    for (const { plan } of plans) {
      const hasRule = plan.locations.some(({ retention }) => retention !== undefined);
      if (!hasRule || !plan.enabled || signal.aborted) continue;
      const end = await workers.end(await workers.begin("prunePlan", { plan: plan.id }));
      // Alerts tell of it, too.
      if (end?.kind === "failed")
        log.warn("The rules of a plan could not be applied", { plan: plan.id, error: end.error });
    }
  } catch (error) {
    log.error("The rules of the plans could not be applied", { error });
  }
}
