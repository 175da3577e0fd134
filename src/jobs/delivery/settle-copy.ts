import { SafehouseError } from "#core/model/problem.ts";
import type { RunBackup } from "#core/model/run.ts";
import type { Clock, ReportProgress } from "#core/ports.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import type { Settlement } from "#storage/provider.ts";
import { changeNotes } from "../notes/change-notes.ts";
import { hasSettled, settledNote } from "../notes/settled-note.ts";
import { pause } from "../runs/pause.ts";
import type { StartTimer } from "../runs/run-tools.ts";
import { findCopy } from "./find-copy.ts";

export interface SettleOptions {
  readonly to: ArchiveLocation;
  /** The copy was put there just now. */
  readonly isNew: boolean;
  readonly clock: Clock;
  readonly startTimer: StartTimer;
  readonly report: ReportProgress;
  /** Keeps a line for people. */
  readonly log: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Waits until a copy that is there has come to wherever its location brings it by itself, and notes that; done at once at
 * most locations. Rejects with `unreachable` soon after nothing moves any more. The copy stays, so that another attempt finds it
 * there and only asks again.
 */
export async function settleCopy(backup: RunBackup, options: SettleOptions): Promise<void> {
  const { to, isNew, clock, log, signal } = options;
  if (!to.settles) return;
  const copy = await findCopy(to, backup, signal);
  if (hasSettled(copy.notes)) return;
  const wait = new Wait(copy.object, options);
  for (;;) {
    const settlement = await to.settlement(copy, signal);
    if (settlement.settled) break;
    wait.check(settlement);
    await pause(options.startTimer, lookEveryMs, signal);
  }
  const slug = copy.facts?.slug;
  const change = settledNote(clock.now());
  if (slug !== undefined) await changeNotes(to, slug, { change, isNew, signal });
  log("It has come to enough other devices");
}

type Waiting = Extract<Settlement, { readonly settled: false }>;

/** Tells waiting from waiting in vain. */
class Wait {
  readonly #object: { readonly key: string; readonly size: number };
  readonly #options: SettleOptions;
  /** The fewest bytes that were left, by what was waited for: what goes up and down for ever is no progress. */
  readonly #least = new Map<string, number>();
  #waitsFor: string | undefined;
  #moved: number;

  constructor(object: { readonly key: string; readonly size: number }, options: SettleOptions) {
    this.#object = object;
    this.#options = options;
    this.#moved = options.clock.now();
  }

  /** Throws `unreachable` if nothing has moved for too long. */
  check({ waitsFor, isHeldUp, left }: Waiting): void {
    const { clock, log, report } = this.#options;
    const { key, size: totalBytes } = this.#object;
    const now = clock.now();
    if (left < (this.#least.get(waitsFor) ?? Infinity)) {
      this.#least.set(waitsFor, left);
      if (!isHeldUp) this.#moved = now;
    }
    report({ step: "deliver", bytes: Math.max(0, totalBytes - left), totalBytes });
    if (waitsFor !== this.#waitsFor) log(`It is in place and waits for ${waitsFor}`);
    this.#waitsFor = waitsFor;
    // A clock that was set back must not make it wait for ever.
    if (Math.abs(now - this.#moved) < (isHeldUp ? graceMs : stillMs)) return;
    const why = isHeldUp ? "" : "; nothing of it has moved for some minutes";
    throw new SafehouseError("unreachable", `${key} is in place, but waits for ${waitsFor}${why}`, {
      subject: key,
      advice: isHeldUp
        ? "It is delivered when enough other devices have it; nothing has to be sent there again"
        : "Look at the other device: its disk may be full, or the folder paused, ignored or only sent there",
    });
  }
}

const lookEveryMs = 1000;
/** Just started, or a line that was cut: who is away may be back in a moment. */
const graceMs = 5000;
const stillMs = 2 * 60_000;
