import type { AlertNews } from "#core/alerts/alert.ts";
import { gatherFacts, type KnownHome } from "#core/alerts/gather-facts.ts";
import type { Run } from "#core/model/run.ts";
import type { Channel } from "#core/notifications/channel.ts";
import type { Clock, Log } from "#core/ports.ts";
import type { AlertStore } from "#jobs/alert-store-port.ts";
import { checkAlerts } from "#jobs/alerts/check-alerts.ts";
import { Dispatcher } from "#jobs/alerts/dispatcher.ts";
import { tellRun } from "#jobs/alerts/tell-run.ts";
import type { TellingTools } from "#jobs/alerts/telling-tools.ts";
import type { ChannelStore } from "#jobs/channel-store-port.ts";
import type { NotificationChannel } from "#jobs/notification-port.ts";
import type { StartTimer } from "#jobs/runs/run-tools.ts";
import { openChannel } from "#notify/open-channel.ts";
import { StateAlertStore } from "#state/alert-store.ts";
import { ChannelSettings } from "#state/channel-settings.ts";
import type { State } from "#state/open-state.ts";
import { SecretBox } from "#state/secret-box.ts";
import { Settings } from "#state/settings.ts";
import { onlyHome } from "./only-home.ts";

export interface TellingOptions {
  readonly dataDirectory: string;
  readonly state: State;
  readonly clock: Clock;
  readonly startTimer: StartTimer;
  readonly log: Log;
}

/** So long a channel may show no progress at all. */
const limitInMs = 20_000;

/**
 * Tells people what is wrong with a home, by the channels in its settings. A server keeps it open, asks it to check now and
 * then, and tells it of runs; a command does the same once. Changed settings count from the next call on.
 */
export class Telling implements Disposable {
  readonly channels: ChannelStore;
  readonly alerts: AlertStore;
  readonly #options: TellingOptions;
  readonly #dispatcher: Dispatcher;

  constructor(options: TellingOptions) {
    const { dataDirectory, state, clock, startTimer, log } = options;
    const settings = new Settings(dataDirectory, state);
    this.#options = options;
    this.channels = new ChannelSettings(settings, new SecretBox(dataDirectory), onlyHome);
    this.alerts = new StateAlertStore(state);
    this.#dispatcher = new Dispatcher({
      store: this.alerts,
      home: onlyHome,
      clock,
      startTimer,
      log,
      random: Math.random,
      openChannels: () => this.#openChannels(),
    });
  }

  /** Keeps what is wrong now and what is to be told of it; returns what is new. Waits for no channel. */
  async check(home: KnownHome): Promise<readonly AlertNews[]> {
    return checkAlerts(gatherFacts(home), await this.#tools());
  }

  /** Keeps that a run of a plan began, or how it ended. Telling it again changes nothing. Waits for no channel. */
  async tellRun(run: Run, planName: string): Promise<void> {
    await tellRun(run, planName, await this.#tools());
  }

  /** Tells the channels what waits for them; see `Dispatcher.wake`. */
  deliver(): Promise<void> {
    return this.#dispatcher.wake();
  }

  /** A channel that can be sent to. Throws `usage` for an address that is none. */
  open(channel: Channel): NotificationChannel {
    const { clock, startTimer } = this.#options;
    return openChannel(channel, { clock, startTimer, limitInMs });
  }

  [Symbol.dispose](): void {
    this.#dispatcher[Symbol.dispose]();
  }

  async #tools(): Promise<TellingTools> {
    const { clock } = this.#options;
    return { store: this.alerts, home: onlyHome, clock, channels: await this.#usableChannels() };
  }

  /** None if the settings cannot be read: what is wrong is kept even if nobody can be told yet. */
  async #usableChannels(): Promise<readonly Channel[]> {
    try {
      return (await this.channels.list()).flatMap(({ channel }) => channel ?? []);
    } catch (error) {
      this.#options.log.error("The channels for notifications cannot be read", { error });
      return [];
    }
  }

  /** One channel whose address is none keeps no other from being told. */
  async #openChannels(): Promise<ReadonlyMap<string, NotificationChannel>> {
    const open = new Map<string, NotificationChannel>();
    for (const channel of await this.#usableChannels()) {
      try {
        open.set(channel.id, this.open(channel));
      } catch (error) {
        this.#options.log.error("A channel cannot be used", { channel: channel.id, error });
      }
    }
    return open;
  }
}
