import { SafehouseError } from "#core/model/problem.ts";
import { adoptDeadRun } from "../runs/settle-dead-runs.ts";
import {
  carryOutCopies,
  type CopyResult,
  type CopyTools,
  type CopyWork,
} from "./carry-out-copies.ts";

/**
 * Goes on with a run whose process has died once its backup was made: delivers, verifies and prunes what it had not
 * come to. Rejects with `not-found` where nothing is left to go on with, and else as `carryOutCopies`.
 * @param rulesOf rules by location of the plan whose run it is; undefined for none
 */
export async function goOnWithRun(
  id: string,
  rulesOf: (plan: string | undefined) => Promise<CopyWork["rules"]>,
  tools: CopyTools,
): Promise<CopyResult> {
  const run = await adoptDeadRun(id, tools.runs);
  if (run?.backup === undefined) throw nothingLeft(id);
  tools.begun?.(run);
  const { backup, trigger, steps } = run;
  const sources = [...new Set(steps.map(({ location }) => location))];
  const rules = await rulesOf(trigger.kind === "plan" ? trigger.plan : undefined);
  return carryOutCopies(run, { backup, sources, rules }, tools);
}

function nothingLeft(id: string): SafehouseError {
  return new SafehouseError("not-found", `Nothing of run ${id} is left to go on with`, {
    subject: id,
  });
}
