import type { OpenNotifications } from "#operations/services.ts";
import type { Clock, Log } from "#core/ports.ts";
import { KeyRingFile } from "#state/key-ring-file.ts";
import type { State } from "#state/open-state.ts";
import { StateRunJournal } from "#state/run-journal.ts";
import { Settings } from "#state/settings.ts";
import { knownHome } from "./known-home.ts";
import { onlyHome } from "./only-home.ts";
import { Telling } from "./telling.ts";

export interface NotificationOptions {
  readonly dataDirectory: string;
  /** Closed with what is returned. */
  readonly state: State;
  readonly clock: Clock;
  readonly log: Log;
}

/** Channels and alerts of the home in a data directory, for a command. */
export function openNotifications(options: NotificationOptions): OpenNotifications {
  const { dataDirectory, state } = options;
  const telling = new Telling({ ...options, startTimer });
  return {
    home: onlyHome,
    channels: telling.channels,
    alerts: telling.alerts,
    openChannel: (channel) => telling.open(channel),
    async check(signal) {
      const journal = new StateRunJournal(state);
      const keyRing = new KeyRingFile(dataDirectory, onlyHome, state);
      const settings = new Settings(dataDirectory, state);
      const news = await telling.check(
        await knownHome({ home: onlyHome, journal, keyRing, settings }),
      );
      signal.addEventListener("abort", () => telling[Symbol.dispose](), { once: true });
      await telling.deliver();
      signal.throwIfAborted();
      return news;
    },
    [Symbol.asyncDispose]: async () => {
      telling[Symbol.dispose]();
      state[Symbol.dispose]();
    },
  };
}

function startTimer(milliseconds: number, callback: () => void): () => void {
  const timer = setTimeout(callback, milliseconds);
  return () => clearTimeout(timer);
}
