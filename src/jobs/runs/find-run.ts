import { SafehouseError } from "#core/model/problem.ts";
import type { Run } from "#core/model/run.ts";
import type { RunTools } from "./run-tools.ts";

/** A run by its id or by how that begins. Rejects with `not-found`, and with `usage` if several begin so. */
export async function findRun(reference: string, { journal, home }: RunTools): Promise<Run> {
  const runs = await journal.list(home);
  const found = runs.filter(({ id }) => reference !== "" && id.startsWith(reference));
  const [run] = found;
  if (run === undefined) {
    throw new SafehouseError("not-found", `There is no run ${reference}`, {
      subject: reference,
      advice: "See which there are with: safehouse runs list",
    });
  }
  if (found.length > 1) {
    throw new SafehouseError("usage", `Several runs begin with ${reference}`, {
      subject: reference,
      advice: "Give more of its id",
    });
  }
  return run;
}
