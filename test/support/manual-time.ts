/** Time that passes only when a test lets it: a clock, and timers by it. */
export class ManualTime {
  #now = Date.UTC(2026, 0, 2, 3, 4, 5);
  #setBy = 0;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();

  readonly clock = { now: (): number => this.#now + this.#setBy };

  /** Sets the clock, as a person or the network does: no time passes, and timers go on as they were. */
  setClock(byMilliseconds: number): void {
    this.#setBy += byMilliseconds;
  }

  readonly startTimer = (milliseconds: number, callback: () => void): (() => void) => {
    const timer = { at: this.#now + milliseconds, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  };

  /** Timers that wait to go off. */
  get running(): number {
    return this.#timers.size;
  }

  /** Lets time pass, timer by timer, and lets what they set off come to rest in between. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await rest();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers.delete(next);
      this.#now = next.at;
      next.callback();
      await rest();
    }
    this.#now = end;
  }

  /** Lets time pass until something has come about, a day at most. */
  async passUntil<Result>(coming: Promise<Result>): Promise<Result> {
    let isThere = false;
    const settle = (): void => {
      isThere = true;
    };
    coming.then(settle, settle);
    for (let seconds = 0; !isThere && seconds < 86_400; seconds += 1) await this.pass(1000);
    if (!isThere) throw new Error("It did not come about within a day");
    return coming;
  }

  #next(end: number) {
    const due = [...this.#timers].filter(({ at }) => at <= end);
    return due.toSorted((a, b) => a.at - b.at)[0];
  }
}

/** Everything that waits for nothing but its turn has had it. */
async function rest(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
