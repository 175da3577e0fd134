import type { DatabaseSync } from "node:sqlite";
import type { OpenAlert } from "#core/alerts/alert.ts";
import type { Notification } from "#core/notifications/notification.ts";
import type { AlertChange, AlertStore, ClaimTime, Delivery } from "#jobs/alert-store-port.ts";
import type { State } from "./open-state.ts";

/** So many deliveries may wait for one channel. */
const longestQueue = 100;
/** So many that have ended are remembered of a home. */
const keptDeliveries = 200;

/** Open alerts and what is to be told of them, in the state file. */
export class StateAlertStore implements AlertStore {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  async open(home: string): Promise<readonly OpenAlert[]> {
    return this.#state.run((database) => readAlerts(database, home));
  }

  async change(home: string, decide: (open: readonly OpenAlert[]) => AlertChange): Promise<void> {
    this.#state.transact((database) => {
      const before = readAlerts(database, home);
      const { open, deliveries } = decide(before);
      // This is asked every minute, and a card that a home lies on is not to be written to each time.
      if (JSON.stringify(open) !== JSON.stringify(before)) saveAlerts(database, home, open);
      for (const delivery of deliveries) addDelivery(database, home, delivery);
      for (const channel of new Set(deliveries.map((delivery) => delivery.channel)))
        dropOldest(database, home, channel);
    });
  }

  async claim(home: string, channel: string, time: ClaimTime): Promise<Delivery | undefined> {
    return this.#state.transact((database) => {
      const row = database
        .prepare(
          `UPDATE delivery SET attempts = attempts + 1, next_at = :until WHERE number = (
             SELECT number FROM delivery
             WHERE home = :home AND channel = :channel AND state = 'waiting' AND next_at <= :now
             ORDER BY number LIMIT 1)
           RETURNING *`,
        )
        .get({ home, channel, now: time.now, until: time.until });
      return row === undefined ? undefined : deliveryOf(row as unknown as DeliveryRow);
    });
  }

  async settle(home: string, delivery: Delivery): Promise<void> {
    const { channel, notification, state, attempts, nextAt, ended, error } = delivery;
    this.#state.transact((database) => {
      database
        .prepare(
          `UPDATE delivery SET state = ?, attempts = ?, next_at = ?, ended = ?, error = ?
           WHERE home = ? AND channel = ? AND id = ?`,
        )
        .run(state, attempts, nextAt, ended ?? null, error ?? null, home, channel, notification.id);
      forgetOld(database, home);
    });
  }

  async postpone(home: string, channel: string, until: number): Promise<void> {
    this.#state.transact((database) =>
      database
        .prepare(
          `UPDATE delivery SET next_at = max(next_at, ?)
           WHERE home = ? AND channel = ? AND state = 'waiting'`,
        )
        .run(until, home, channel),
    );
  }

  async nextDue(home: string, channel: string): Promise<number | undefined> {
    const row = this.#state.run((database) =>
      database
        .prepare(
          `SELECT min(next_at) AS due FROM delivery
           WHERE home = ? AND channel = ? AND state = 'waiting'`,
        )
        .get(home, channel),
    );
    const due = row?.["due"];
    return typeof due === "number" ? due : undefined;
  }

  async forget(home: string, channel: string): Promise<void> {
    this.#state.transact((database) =>
      database.prepare(`DELETE FROM delivery WHERE home = ? AND channel = ?`).run(home, channel),
    );
  }

  async deliveries(home: string): Promise<readonly Delivery[]> {
    const rows = this.#state.run((database) =>
      database.prepare(`SELECT * FROM delivery WHERE home = ? ORDER BY number DESC`).all(home),
    );
    return (rows as unknown as readonly DeliveryRow[]).map(deliveryOf);
  }
}

// Only this file writes the tables, from the same types.

function readAlerts(database: DatabaseSync, home: string): OpenAlert[] {
  return database
    .prepare(`SELECT content FROM alert WHERE home = ? ORDER BY opened, id`)
    .all(home)
    .map(({ content }) => readStored<OpenAlert>(content));
}

function saveAlerts(database: DatabaseSync, home: string, open: readonly OpenAlert[]): void {
  database.prepare(`DELETE FROM alert WHERE home = ?`).run(home);
  const save = database.prepare(`INSERT INTO alert VALUES (?, ?, ?, ?)`);
  for (const alert of open) save.run(home, alert.id, alert.opened, JSON.stringify(alert));
}

/** JSON leaves out what is undefined, and reading it gives the same. */
function readStored<Stored>(text: unknown): Stored {
  return JSON.parse(String(text)) as Stored;
}

interface DeliveryRow {
  readonly channel: string;
  readonly notification: string;
  readonly state: Delivery["state"];
  readonly attempts: number;
  readonly next_at: number;
  readonly ended: number | null;
  readonly error: string | null;
}

function deliveryOf(row: DeliveryRow): Delivery {
  return {
    channel: row.channel,
    notification: readStored<Notification>(row.notification),
    state: row.state,
    attempts: row.attempts,
    nextAt: row.next_at,
    ended: row.ended ?? undefined,
    error: row.error ?? undefined,
  };
}

function addDelivery(database: DatabaseSync, home: string, delivery: Delivery): void {
  const { channel, notification, state, attempts, nextAt, ended, error } = delivery;
  database
    .prepare(
      `INSERT INTO delivery
         (home, channel, id, notification, state, attempts, next_at, ended, error)
       VALUES (:home, :channel, :id, :notification, :state, :attempts, :nextAt, :ended, :error)
       ON CONFLICT DO NOTHING`,
    )
    .run({
      home,
      channel,
      id: notification.id,
      notification: JSON.stringify(notification),
      state,
      attempts,
      nextAt,
      ended: ended ?? null,
      error: error ?? null,
    });
}

/** They ended, as far as is known here, when they were last due. */
function dropOldest(database: DatabaseSync, home: string, channel: string): void {
  database
    .prepare(
      `UPDATE delivery SET state = 'dropped', ended = next_at, error = 'Too many others waited'
       WHERE home = ?1 AND channel = ?2 AND state = 'waiting' AND number NOT IN (
         SELECT number FROM delivery WHERE home = ?1 AND channel = ?2 AND state = 'waiting'
         ORDER BY number DESC LIMIT ?3)`,
    )
    .run(home, channel, longestQueue);
  forgetOld(database, home);
}

function forgetOld(database: DatabaseSync, home: string): void {
  database
    .prepare(
      `DELETE FROM delivery WHERE home = ?1 AND state <> 'waiting' AND number NOT IN (
         SELECT number FROM delivery WHERE home = ?1 AND state <> 'waiting'
         ORDER BY number DESC LIMIT ?2)`,
    )
    .run(home, keptDeliveries);
}
