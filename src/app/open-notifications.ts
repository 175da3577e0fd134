import type { Part } from "#core/model/part.ts";
import type { Clock, Log } from "#core/ports.ts";
import type { OpenNotifications } from "#operations/services.ts";
import { StateRunJournal } from "#state/run-journal.ts";
import { knownHome } from "./known-home.ts";
import type { LocalHome } from "./local-home.ts";
import { onlyHome } from "./only-home.ts";
import { startTimer } from "./start-timer.ts";
import { Telling } from "./telling.ts";

export interface NotificationOptions {
  readonly dataDirectory: string;
  readonly home: LocalHome;
  /** What the home has now; rejects if it cannot be looked at. */
  readonly parts: () => Promise<readonly Part[]>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Channels and alerts of the home in a data directory, for a command. */
export function openNotifications(options: NotificationOptions): OpenNotifications {
  const { home, parts, clock } = options;
  const { state, keyRing, plans } = home;
  const telling = new Telling({ ...options, state, startTimer });
  return {
    home: onlyHome,
    channels: telling.channels,
    alerts: telling.alerts,
    openChannel: (channel) => telling.open(channel),
    async check(signal) {
      const journal = new StateRunJournal(state);
      const locations = home.locations();
      const failedArrivals = () => home.failedArrivals();
      const tools = { home: onlyHome, journal, keyRing, plans, locations, parts, clock };
      const known = { ...tools, failedArrivals };
      const news = await telling.check(await knownHome(known));
      signal.addEventListener("abort", () => telling[Symbol.dispose](), { once: true });
      await telling.deliver();
      signal.throwIfAborted();
      return news;
    },
    [Symbol.asyncDispose]: async () => telling[Symbol.dispose](),
  };
}
