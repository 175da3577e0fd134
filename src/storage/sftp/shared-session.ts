import { settledOrAborted } from "../interruptible.ts";
import { SftpSession } from "./session.ts";
import type { SftpSettings } from "./settings.ts";

/** A session while somebody uses it. */
export interface SessionLease {
  readonly session: SftpSession;
  /** May be called twice. */
  readonly release: () => void;
}

/**
 * One session for all calls of a provider, opened when the first needs it and again after it was lost. It keeps the process
 * alive only while it is used, and is closed after ten seconds without use.
 */
export class SharedSession {
  readonly #settings: SftpSettings;
  #current: Opening | undefined;
  #users = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(settings: SftpSettings) {
    this.#settings = settings;
  }

  /** The session until `release`. Rejects as `SftpSession.open`. */
  async lease(signal: AbortSignal): Promise<SessionLease> {
    signal.throwIfAborted();
    clearTimeout(this.#idle);
    this.#users += 1;
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      this.#leave();
    };
    try {
      const session = await settledOrAborted(this.#open(), signal);
      session.hold(true);
      return { session, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  #open(): Promise<SftpSession> {
    const current = this.#current;
    if (current !== undefined && current.opened?.alive !== false) return current.opening;
    const giveUp = new AbortController();
    const opening = SftpSession.open(this.#settings, giveUp.signal);
    const next: Opening = { opening, giveUp, opened: undefined };
    this.#current = next;
    opening.then(
      (session) => {
        next.opened = session;
        // Everybody went away in the moment in which it was there.
        if (giveUp.signal.aborted) session.break();
      },
      () => {
        // Whoever asked hears of it; the next one tries again.
        if (this.#current === next) this.#current = undefined;
      },
    );
    return opening;
  }

  #leave(): void {
    this.#users -= 1;
    if (this.#users === 0) this.#rest();
  }

  /** Nobody uses it at the moment. */
  #rest(): void {
    const current = this.#current;
    if (current === undefined) return;
    if (current.opened === undefined) {
      this.#current = undefined;
      current.giveUp.abort();
      return;
    }
    const session = current.opened;
    session.hold(false);
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      this.#current = undefined;
      session.end();
    }, idleInMs).unref();
  }
}

const idleInMs = 10_000;

interface Opening {
  readonly opening: Promise<SftpSession>;
  readonly giveUp: AbortController;
  opened: SftpSession | undefined;
}
