import type { SmbConnectionError } from "./smb-error.ts";

/** What is to be had at once: enough for 32 MiB under way. */
const aim = 512;

interface Turn {
  readonly charge: number;
  resolve(ticket: Ticket): void;
  reject(error: Error): void;
}

export interface Ticket {
  readonly charge: number;
  /** Number of the message; it uses up as many as it costs credits. */
  readonly number: bigint;
}

/** Requests that the server allows at a time, counted in pieces of 64 KiB, first come first served. */
export class Credits {
  #left = 1;
  #used = 0;
  #next = 0n;
  readonly #turns: Turn[] = [];
  #end: SmbConnectionError | undefined;

  take(charge: number): Promise<Ticket> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) return reject(this.#end);
      this.#turns.push({ charge, resolve, reject });
      this.#serve();
    });
  }

  /** Credits that a request should ask for. */
  wish(charge: number): number {
    return Math.max(charge, Math.min(aim, aim - this.#left + charge));
  }

  /** What the server allows in all at the moment. */
  get granted(): number {
    return this.#left + this.#used;
  }

  /** What an answer has brought, and what its request had cost. */
  give(credits: number, cost: number): void {
    this.#left += credits;
    this.#used -= cost;
    this.#serve();
  }

  end(error: SmbConnectionError): void {
    this.#end = error;
    for (const turn of this.#turns.splice(0)) turn.reject(error);
  }

  #serve(): void {
    for (;;) {
      const [turn] = this.#turns;
      if (turn === undefined || turn.charge > this.#left) return;
      this.#turns.shift();
      this.#left -= turn.charge;
      this.#used += turn.charge;
      const number = this.#next;
      this.#next += BigInt(turn.charge);
      turn.resolve({ charge: turn.charge, number });
    }
  }
}
