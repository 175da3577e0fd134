import type { OpenAlert } from "#core/alerts/alert.ts";
import type { Notification } from "#core/notifications/notification.ts";

/** A notification on its way to one channel. Times are milliseconds since 1970. */
export interface Delivery {
  /** Id of the channel. */
  readonly channel: string;
  readonly notification: Notification;
  /** `dropped`: it came to nothing, for it grew too old or too many waited. */
  readonly state: "waiting" | "told" | "dropped";
  /** How often it was tried. */
  readonly attempts: number;
  /** Not to be tried before. */
  readonly nextAt: number;
  /** When it was told or dropped. */
  readonly ended: number | undefined;
  /** Why the last attempt failed, or why it was dropped; no secret. */
  readonly error: string | undefined;
}

/** What becomes of the open alerts, and what is told of it. */
export interface AlertChange {
  readonly open: readonly OpenAlert[];
  readonly deliveries: readonly Delivery[];
}

/**
 * Which alerts are open and what is still to be told, over restarts and for all processes that look after a home.
 * What a process tells, no other one tells too.
 */
export interface AlertStore {
  /** In the order in which they opened. */
  open(home: string): Promise<readonly OpenAlert[]>;

  /**
   * Decides about the open alerts and keeps what comes out, deliveries included, as one step that excludes every other
   * change. A delivery that is known already is left as it is: nothing is told twice. Where too many wait for a
   * channel, the oldest are dropped. `decide` may be called twice.
   */
  change(home: string, decide: (open: readonly OpenAlert[]) => AlertChange): Promise<void>;

  /**
   * The first delivery to a channel that is due, counted as tried. Until `until` nobody else gets it; if nothing is
   * heard of it by then, whoever took it has died and it is due again.
   */
  claim(home: string, channel: string, time: ClaimTime): Promise<Delivery | undefined>;

  /** Keeps what has become of a delivery that was claimed. Those that ended are forgotten when there are too many. */
  settle(home: string, delivery: Delivery): Promise<void>;

  /** Nothing that waits for a channel is due before `until`. */
  postpone(home: string, channel: string, until: number): Promise<void>;

  /** When the next delivery to a channel is due; undefined if none waits. */
  nextDue(home: string, channel: string): Promise<number | undefined>;

  /** Forgets all deliveries to a channel that there is no more. */
  forget(home: string, channel: string): Promise<void>;

  /** The last deliveries, newest first, those that wait among them. */
  deliveries(home: string): Promise<readonly Delivery[]>;
}

export interface ClaimTime {
  readonly now: number;
  readonly until: number;
}
