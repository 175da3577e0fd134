import { SafehouseError } from "#core/model/problem.ts";
import type { ChannelTools } from "../channel-tools.ts";

/** Ends work with the other side when nothing has moved for a while, or when the caller wants it. */
export class ProgressLimit implements Disposable {
  /** Its reason is a SafehouseError `unreachable`, or that of the caller's signal. */
  readonly signal: AbortSignal;
  readonly #destination: string;
  readonly #tools: ChannelTools;
  readonly #stalled = new AbortController();
  #stopTimer: (() => void) | undefined;

  /** Time counts from here on. */
  constructor(destination: string, tools: ChannelTools, signal: AbortSignal) {
    this.#destination = destination;
    this.#tools = tools;
    this.signal = AbortSignal.any([signal, this.#stalled.signal]);
    this.moved();
  }

  /** Time counts from here on again. */
  moved(): void {
    this[Symbol.dispose]();
    const { limitInMs, startTimer } = this.#tools;
    this.#stopTimer = startTimer(limitInMs, () => {
      const seconds = Math.round(limitInMs / 1000);
      const message = `${this.#destination} did not answer within ${seconds} seconds`;
      const advice = "Check the network, and that the service works";
      const subject = this.#destination;
      this.#stalled.abort(new SafehouseError("unreachable", message, { subject, advice }));
    });
  }

  [Symbol.dispose](): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }
}
