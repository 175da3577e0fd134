import type { Run } from "#core/model/run.ts";
import type { ReportProgress } from "#core/ports.ts";
import type { Share } from "#jobs/share-port.ts";
import type { ServiceOptions } from "#jobs/home.ts";
import type { RunDesk } from "#jobs/runs/run-desk.ts";
import type { PlaceFlags, Services } from "#operations/services.ts";
import type { PasswordSources } from "#keys/unlock.ts";

/** What an operation works with: one home, and the process that carries its runs out. */
export interface HomeContext {
  readonly services: Services;
  /** Which home; empty for the one of the data directory. */
  readonly place: PlaceFlags;
  /** Carries runs out, and knows what they came to. */
  readonly desk: Pick<RunDesk, "begin" | "end">;
  /** Fires when nobody waits for the answer any more. Runs go on all the same. */
  readonly signal: AbortSignal;
  /** A server asks, which runs plans by itself. */
  readonly isServer?: boolean;
  /** The share that the server gives out, if a server asks. */
  readonly share?: Share;
  /** Whoever waits at a terminal of this machine, if somebody does. */
  readonly person?: PersonAtTerminal;
}

/**
 * What somebody adds to a request who works on this machine itself. It stands in no input, so that nobody can
 * send it from elsewhere.
 */
export interface PersonAtTerminal {
  readonly report: ReportProgress;
  /** What opens an archive, besides a password in the input and the key ring. */
  readonly passwords?: Pick<PasswordSources, "given" | "matched" | "ask">;
  /** Ids and paths of locations, in place of the list of ids in the input. */
  readonly places?: readonly string[];
  /** Told of each run that one that was asked for has to wait for. */
  readonly waitsFor?: (ahead: Run) => void;
  /** Shell commands that stop and start Home Assistant, and where it answers. */
  readonly service?: Omit<ServiceOptions, "stopped">;
}
