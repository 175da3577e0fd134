import type { NotificationChannel } from "../notification-port.ts";
import type { StartTimer } from "../runs/run-tools.ts";
import { drainChannel, type DrainTools } from "./drain-channel.ts";

export interface DispatcherTools extends DrainTools {
  readonly startTimer: StartTimer;
  /** The channels that are set up now, by id. */
  readonly openChannels: () => Promise<ReadonlyMap<string, NotificationChannel>>;
}

/** Pause after a fault of our own, such as a state file that cannot be read. */
const pauseAfterFaultInMs = 60_000;

/**
 * Tells the channels what waits for them, each by itself: one that is dead delays no other one, and nobody who has
 * something to tell. What could not be told is tried again by itself until the dispatcher is disposed.
 */
export class Dispatcher implements Disposable {
  readonly #tools: DispatcherTools;
  readonly #end = new AbortController();
  /** By channel: what it is at. */
  readonly #working = new Map<string, Promise<void>>();
  readonly #stopTimers = new Map<string, () => void>();

  constructor(tools: DispatcherTools) {
    this.#tools = tools;
  }

  /**
   * To be called when there is something to tell, and at start. Resolves when each channel was told or tried; nobody
   * needs to wait for that. Never rejects: what goes wrong is logged.
   */
  async wake(): Promise<void> {
    if (this.#end.signal.aborted) return;
    try {
      const channels = await this.#tools.openChannels();
      await Promise.all(Array.from(channels, ([id, channel]) => this.#work(id, channel)));
    } catch (error) {
      this.#tools.log.error("The channels for notifications could not be opened", { error });
      this.#wakeIn("", pauseAfterFaultInMs);
    }
  }

  [Symbol.dispose](): void {
    this.#end.abort(new DOMException("The dispatcher was closed", "AbortError"));
    for (const stop of this.#stopTimers.values()) stop();
    this.#stopTimers.clear();
  }

  /** What comes in while a channel is at work is its next work. */
  #work(id: string, channel: NotificationChannel): Promise<void> {
    const before = this.#working.get(id) ?? Promise.resolve();
    const work = before.then(() => this.#drain(id, channel));
    this.#working.set(id, work);
    return work;
  }

  async #drain(id: string, channel: NotificationChannel): Promise<void> {
    const { store, home, clock, log } = this.#tools;
    try {
      await drainChannel(id, channel, { tools: this.#tools, signal: this.#end.signal });
      const due = await store.nextDue(home, id);
      if (due !== undefined) this.#wakeIn(id, Math.max(0, due - clock.now()));
    } catch (error) {
      log.error("The queue of a channel could not be read or written", { channel: id, error });
      this.#wakeIn(id, pauseAfterFaultInMs);
    }
  }

  #wakeIn(id: string, milliseconds: number): void {
    this.#stopTimers.get(id)?.();
    if (this.#end.signal.aborted) return;
    const stop = this.#tools.startTimer(milliseconds, () => {
      this.#stopTimers.delete(id);
      void this.wake();
    });
    this.#stopTimers.set(id, stop);
  }
}
