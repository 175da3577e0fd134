import { lives, ownIdentity } from "#installation/folder/restore/process-identity.ts";
import type { Processes } from "#jobs/runs/run-tools.ts";

/** The processes of this machine, as leases know them too. */
export const processes: Processes = {
  self: ownIdentity(),
  lifeOf(owner) {
    const answer = lives(owner);
    if (answer === "unknown") return answer;
    return answer ? "alive" : "dead";
  },
};
