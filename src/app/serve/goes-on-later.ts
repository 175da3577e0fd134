import type { Log } from "#core/ports.ts";
import { canGoOn } from "#core/run/can-go-on.ts";
import { StateRunJournal } from "#state/run-journal.ts";
import type { LocalHome } from "../local-home.ts";
import { onlyHome } from "../only-home.ts";

/**
 * Numbers of processes whose runs another server can go on with: their backup is made, and what is left is to deliver it,
 * verify and prune. None where the journal cannot tell.
 */
export async function goesOnLater(home: LocalHome, log: Log): Promise<ReadonlySet<number>> {
  try {
    const open = await new StateRunJournal(home.state).open(onlyHome);
    return new Set(open.filter(canGoOn).map(({ owner }) => owner.pid));
  } catch (error) {
    log.warn("The journal does not say what can go on after the next start", { error });
    return new Set();
  }
}
