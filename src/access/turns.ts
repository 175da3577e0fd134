import { SafehouseError } from "#core/model/problem.ts";

export interface TurnLimits {
  readonly atOnce: number;
  /** More than so many that wait are sent away. */
  readonly waiting: number;
}

/** Lets only so much work be done at once. The rest waits in line. */
export class Turns {
  readonly #limits: TurnLimits;
  readonly #line: (() => void)[] = [];
  #busy = 0;

  constructor(limits: TurnLimits) {
    this.#limits = limits;
  }

  /** Does the work when it is its turn. Rejects with `busy` if too many wait, and as the work does. */
  async take<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#busy >= this.#limits.atOnce) await this.#wait();
    else this.#busy += 1;
    try {
      return await work();
    } finally {
      const next = this.#line.shift();
      if (next === undefined) this.#busy -= 1;
      else next();
    }
  }

  #wait(): Promise<void> {
    if (this.#line.length >= this.#limits.waiting)
      throw new SafehouseError("busy", "Too many passwords are being checked", {
        advice: "Try again in a few seconds",
        facts: { retryAfterSeconds: 5 },
      });
    // Whoever ends hands its place on, so nobody can come in between.
    return new Promise((resolve) => void this.#line.push(resolve));
  }
}
