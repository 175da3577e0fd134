import type { OpenNotifications } from "#jobs/services.ts";
import { gatherFacts } from "#core/alerts/gather-facts.ts";
import type { AlertNews } from "#core/alerts/alert.ts";
import type { Channel } from "#core/notifications/channel.ts";
import type { Clock, Log } from "#core/ports.ts";
import { checkAlerts } from "#jobs/alerts/check-alerts.ts";
import { Dispatcher } from "#jobs/alerts/dispatcher.ts";
import type { NotificationChannel } from "#jobs/notification-port.ts";
import type { ChannelTools } from "#notify/channel-tools.ts";
import { openChannel } from "#notify/open-channel.ts";
import { StateAlertStore } from "#state/alert-store.ts";
import { ChannelSettings } from "#state/channel-settings.ts";
import { KeyRingFile } from "#state/key-ring-file.ts";
import type { State } from "#state/open-state.ts";
import { StateRunJournal } from "#state/run-journal.ts";
import { SecretBox } from "#state/secret-box.ts";
import { Settings } from "#state/settings.ts";
import { knownHome } from "./known-home.ts";
import { onlyHome } from "./only-home.ts";

export interface NotificationOptions {
  readonly dataDirectory: string;
  /** Closed with what is returned. */
  readonly state: State;
  readonly clock: Clock;
  readonly log: Log;
}

const longestSilenceInMs = 20_000;

/** Channels and alerts of the home in a data directory. */
export function openNotifications(options: NotificationOptions): OpenNotifications {
  const { dataDirectory, state, clock, log } = options;
  const settings = new Settings(dataDirectory, state);
  const channels = new ChannelSettings(settings, new SecretBox(dataDirectory), onlyHome);
  const alerts = new StateAlertStore(state);
  const tools: ChannelTools = { clock, startTimer, limitInMs: longestSilenceInMs };
  const usable = async (): Promise<Channel[]> =>
    (await channels.list()).flatMap(({ channel }) => channel ?? []);
  return {
    home: onlyHome,
    channels,
    alerts,
    openChannel: (channel) => openChannel(channel, tools),
    async check(signal): Promise<readonly AlertNews[]> {
      const journal = new StateRunJournal(state);
      const keyRing = new KeyRingFile(dataDirectory, onlyHome, state);
      const facts = gatherFacts(await knownHome({ home: onlyHome, journal, keyRing, settings }));
      const telling = { store: alerts, home: onlyHome, clock };
      const news = await checkAlerts(facts, { ...telling, channels: await usable() });
      const openChannels = async () => opened(await usable(), tools, log);
      using dispatcher = new Dispatcher({
        ...telling,
        log,
        random: Math.random,
        startTimer,
        openChannels,
      });
      signal.addEventListener("abort", () => dispatcher[Symbol.dispose](), { once: true });
      await dispatcher.wake();
      signal.throwIfAborted();
      return news;
    },
    [Symbol.asyncDispose]: async () => state[Symbol.dispose](),
  };
}

/** One channel whose address is none keeps no other from being told. */
function opened(
  channels: readonly Channel[],
  tools: ChannelTools,
  log: Log,
): ReadonlyMap<string, NotificationChannel> {
  const open = new Map<string, NotificationChannel>();
  for (const channel of channels) {
    try {
      open.set(channel.id, openChannel(channel, tools));
    } catch (error) {
      log.error("A channel for notifications cannot be used", { channel: channel.id, error });
    }
  }
  return open;
}

function startTimer(milliseconds: number, callback: () => void): () => void {
  const timer = setTimeout(callback, milliseconds);
  return () => clearTimeout(timer);
}
