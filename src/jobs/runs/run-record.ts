import { advanceRun } from "#core/run/advance-run.ts";
import type { RunEvent } from "#core/run/run-event.ts";
import type { Run, RunOwner } from "#core/model/run.ts";
import type { RunTools } from "./run-tools.ts";

/** An owner shows that it lives at least this often, and progress is kept at most so often. */
export const longestSilenceInMs = 5000;
const progressEveryMs = 1000;

/** Adds events that follow from what is known at that moment. */
export type DecideEvents = (run: Run, open: readonly Run[]) => readonly RunEvent[];

/**
 * A run in the hands of its owner. What happens counts here at once and is written to the journal with the
 * next `save`; what others have written there, such as a wish to cancel, comes back the same way.
 */
export class RunRecord {
  readonly #tools: RunTools;
  /** Whoever takes the run over is another one, for good. */
  readonly #owner: RunOwner;
  /** As the journal last had it. */
  #stored: Run;
  #unsaved: readonly RunEvent[] = [];
  /** Those of them that are being written. */
  #batch: readonly RunEvent[] = [];
  #progressSavedAt = 0;
  #isTaken = false;
  #saving: Promise<unknown> = Promise.resolve();

  constructor(run: Run, tools: RunTools) {
    this.#stored = run;
    this.#owner = run.owner;
    this.#tools = tools;
  }

  get run(): Run {
    return [...this.#batch, ...this.#unsaved].reduce(advanceRun, this.#stored);
  }

  /** True if the journal knows all that has happened. */
  get isSaved(): boolean {
    return this.#unsaved.length === 0 && this.#batch.length === 0;
  }

  /** True if the run has been ended or taken over by another process. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  /** Of a step's progress only the last counts, so that what waits to be written stays short. */
  add(event: RunEvent): void {
    const isOutdated = (earlier: RunEvent): boolean =>
      earlier.kind === "progressed" && event.kind === "progressed" && earlier.step === event.step;
    this.#unsaved = [...this.#unsaved.filter((earlier) => !isOutdated(earlier)), event];
  }

  /**
   * Writes what has happened, and what is decided on top of it in the same step. Returns the events that
   * were decided. Rejects as the journal does; nothing that happened is lost by that.
   */
  save(decide: DecideEvents = () => []): Promise<readonly RunEvent[]> {
    const saved = this.#saving.then(() => this.#save(decide));
    // Whoever saves next has only to wait.
    this.#saving = saved.catch(() => undefined);
    return saved;
  }

  async #save(decide: DecideEvents): Promise<readonly RunEvent[]> {
    this.#batch = this.#unsaved;
    this.#unsaved = [];
    try {
      const { isTaken, isWritten, run, decided } = await this.#write(decide);
      this.#isTaken = isTaken;
      this.#stored = run;
      if (!isTaken && !isWritten) this.#unsaved = [...this.#batch, ...this.#unsaved];
      this.#batch = [];
      return decided;
    } catch (error) {
      this.#unsaved = [...this.#batch, ...this.#unsaved];
      this.#batch = [];
      throw error;
    }
  }

  async #write(decide: DecideEvents): Promise<Written> {
    const { journal, home, clock } = this.#tools;
    const now = clock.now();
    let result: Written = { isTaken: false, isWritten: false, run: this.#stored, decided: [] };
    await journal.change(home, this.#stored.id, (stored, open) => {
      // A journal that had to be begun anew does not know the run; we do.
      const present = stored ?? this.#stored;
      const isTaken = present.ended !== undefined || !isSame(present.owner, this.#owner);
      if (isTaken) {
        result = { isTaken, isWritten: false, run: present, decided: [] };
        return undefined;
      }
      const advanced = this.#batch.reduce(advanceRun, present);
      const decided = decide(advanced, open);
      const isWritten = this.#isWorthWriting(stored, [...this.#batch, ...decided], now);
      const next = { ...decided.reduce(advanceRun, advanced), beat: now };
      result = { isTaken, isWritten, run: isWritten ? next : present, decided };
      return isWritten ? next : undefined;
    });
    if (result.isWritten) this.#progressSavedAt = now;
    return result;
  }

  #isWorthWriting(stored: Run | undefined, events: readonly RunEvent[], now: number): boolean {
    if (stored === undefined || now - stored.beat >= longestSilenceInMs) return true;
    if (events.some(({ kind }) => kind !== "progressed")) return true;
    return events.length > 0 && now - this.#progressSavedAt >= progressEveryMs;
  }
}

interface Written {
  readonly isTaken: boolean;
  readonly isWritten: boolean;
  readonly run: Run;
  readonly decided: readonly RunEvent[];
}

function isSame(a: RunOwner, b: RunOwner): boolean {
  return a.pid === b.pid && a.start === b.start && a.boot === b.boot && a.space === b.space;
}
