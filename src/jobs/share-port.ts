import type { SafehouseError } from "#core/model/problem.ts";

/** Whether the Samba share can be opened right now. */
export interface ShareState {
  readonly running: boolean;
  /** Why it is not; undefined if it is, and if nobody wants it. */
  readonly problem: SafehouseError | undefined;
}

/** The Samba share that a server of this process gives out. */
export interface Share {
  state(): ShareState;
  /** Begins, ends or changes it as the settings now say. Never rejects: what goes wrong is told by `state`. */
  apply(): Promise<void>;
}
