import type { Clock } from "#core/ports.ts";
import { addressGroup } from "./address-group.ts";

/** Wrong guesses of one address that cost no pause. */
const freeGuesses = 5;
const firstPauseInMs = 1000;
/** No address waits longer than this, however often it has guessed. */
const longestPauseInMs = 60_000;
const forgottenAfterInMs = 30 * 60_000;
/** Guesses of all addresses together that cost no pause, and how long until there is one more. */
const commonGuesses = 60;
const commonPauseInMs = 5000;
const rememberedAddresses = 10_000;
const rememberedFriends = 100;

interface Guesses {
  readonly count: number;
  readonly last: number;
}

/**
 * Slows down whoever guesses passwords. Each address has a few free guesses, then pauses that double up to a
 * minute; all together have one guess in five seconds once sixty are used up. A right password takes back what
 * was counted. An address from which one came does not wait for strangers. Memory is bounded, and a restart
 * forgets.
 */
export class GuessLimit {
  readonly #clock: Clock;
  /** By group, the one longest without a guess first. */
  readonly #byAddress = new Map<string, Guesses>();
  readonly #friends = new Set<string>();
  #common = commonGuesses;
  #commonAt: number;

  /** @param clock only differences count; one that never goes back, such as `performance`, is best */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#commonAt = clock.now();
  }

  /**
   * Counts a guess before it is checked, so that many at once do not slip through.
   * @returns milliseconds to wait; 0 if the guess may be checked. Only then it was counted
   */
  begin(address: string | undefined): number {
    const now = this.#clock.now();
    const group = addressGroup(address);
    const known = this.#recall(group, now);
    const pause = pauseAfter(known.count) - (now - known.last);
    if (pause > 0) return pause;
    const common = this.#friends.has(group) ? 0 : this.#takeCommon(now);
    if (common > 0) return common;
    this.#remember(group, { count: known.count + 1, last: now });
    return 0;
  }

  /** The guess that was begun was right. */
  succeeded(address: string | undefined): void {
    const group = addressGroup(address);
    this.#byAddress.delete(group);
    if (!this.#friends.delete(group)) this.#common = Math.min(this.#common + 1, commonGuesses);
    this.#friends.add(group);
    dropFirst(this.#friends, rememberedFriends);
  }

  #recall(group: string, now: number): Guesses {
    const known = this.#byAddress.get(group);
    const age = known === undefined ? Infinity : now - known.last;
    // A clock that went back must not make anybody wait for it to come round again.
    const counts = age >= 0 && age < forgottenAfterInMs;
    return known !== undefined && counts ? known : { count: 0, last: -Infinity };
  }

  #remember(group: string, guesses: Guesses): void {
    this.#byAddress.delete(group);
    this.#byAddress.set(group, guesses);
    dropFirst(this.#byAddress, rememberedAddresses);
  }

  /** Takes one of the guesses that all have together; milliseconds until there is one if there is none. */
  #takeCommon(now: number): number {
    const gained = Math.max(0, now - this.#commonAt) / commonPauseInMs;
    this.#common = Math.min(commonGuesses, this.#common + gained);
    this.#commonAt = now;
    if (this.#common < 1) return (1 - this.#common) * commonPauseInMs;
    this.#common -= 1;
    return 0;
  }
}

function pauseAfter(count: number): number {
  if (count < freeGuesses) return 0;
  return Math.min(longestPauseInMs, firstPauseInMs * 2 ** (count - freeGuesses));
}

function dropFirst(
  remembered: { readonly size: number; keys(): Iterable<string>; delete(key: string): boolean },
  most: number,
): void {
  if (remembered.size <= most) return;
  for (const oldest of remembered.keys()) {
    remembered.delete(oldest);
    return;
  }
}
