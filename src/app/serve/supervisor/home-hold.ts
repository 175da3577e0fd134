import type { HomeTools } from "./home-tools.ts";

/** A timer takes no longer: about 24 days. */
const longestInMs = 2 ** 31 - 1;

/**
 * The home held still for somebody else's snapshot: nobody on this machine makes or restores a backup meanwhile.
 * It is a lease of this process, so that it ends with the process too.
 */
export class HomeHold implements AsyncDisposable {
  readonly #tools: HomeTools;
  #held: { readonly lease: AsyncDisposable; readonly timer: NodeJS.Timeout } | undefined;

  constructor(tools: HomeTools) {
    this.#tools = tools;
  }

  get isHeld(): boolean {
    return this.#held !== undefined;
  }

  /** Rejects with `busy` while somebody is at work, or holds it already. @param seconds after which it ends by itself */
  async take(seconds: number): Promise<void> {
    const { services, place, signal } = this.#tools.context;
    await using home = await services.openHome(place);
    const lease = await home.hold("hold for a snapshot", signal);
    const timer = setTimeout(() => void this.release(), Math.min(seconds * 1000, longestInMs));
    this.#held = { lease, timer: timer.unref() };
  }

  /** False if it was not held. */
  async release(): Promise<boolean> {
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) return false;
    clearTimeout(held.timer);
    await held.lease[Symbol.asyncDispose]();
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }
}
