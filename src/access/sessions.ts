import { SafehouseError } from "#core/model/problem.ts";
import type { AccessRecord, StoredSession } from "./access-port.ts";
import type { AccessTools } from "./access-tools.ts";
import type { Client } from "./client.ts";
import { hashSecret, newId, newSecret } from "./secret.ts";

const day = 24 * 60 * 60_000;
/** A session ends when it was not used for so long, in milliseconds, … */
const idleInMs = 14 * day;
/** … and in any case so long after the password was given. */
const longestInMs: Readonly<Record<StoredSession["kind"], number>> = {
  "signed-in": 90 * day,
  "set-up": 60 * 60_000,
};
const mostSessions = 100;
const longestUserAgent = 200;

/** A session that begins, and what its cookie holds. */
export interface NewSession {
  readonly session: StoredSession;
  /** Known to nobody but the browser. */
  readonly secret: string;
}

/** Makes a session; it counts once it is in the record, see `withSession`. */
export function newSession(kind: StoredSession["kind"], client: Client, now: number): NewSession {
  const secret = newSecret();
  const at = new Date(now).toISOString();
  const session: StoredSession = {
    id: newId(),
    kind,
    hash: hashSecret(secret),
    madeAt: at,
    lastUsedAt: at,
    expiresAt: new Date(now + longestInMs[kind]).toISOString(),
    userAgent: client.userAgent?.slice(0, longestUserAgent),
    address: client.address,
  };
  return { session, secret };
}

/**
 * The record with a further session. Those that have ended leave it, and of too many the one longest unused.
 */
export function withSession(
  record: AccessRecord,
  session: StoredSession,
  now: number,
): AccessRecord {
  const live = record.sessions
    .filter((known) => isLive(known, now))
    .toSorted((a, b) => Date.parse(b.lastUsedAt) - Date.parse(a.lastUsedAt));
  return { ...record, sessions: [...live.slice(0, mostSessions - 1), session] };
}

/** True for a session that has neither expired nor been left alone for too long. */
export function isLive({ lastUsedAt, expiresAt }: StoredSession, now: number): boolean {
  return now < Date.parse(expiresAt) && now < Date.parse(lastUsedAt) + idleInMs;
}

/** The sessions of people who gave the password, as they are now, the one used last first. */
export async function listSessions({
  store,
  clock,
}: Pick<AccessTools, "store" | "clock">): Promise<readonly StoredSession[]> {
  const { sessions } = await store.read();
  return sessions
    .filter((session) => session.kind === "signed-in" && isLive(session, clock.now()))
    .toSorted((a, b) => Date.parse(b.lastUsedAt) - Date.parse(a.lastUsedAt));
}

/** Ends a session at once. Rejects with `not-found`. */
export async function endSession({ store }: Pick<AccessTools, "store">, id: string): Promise<void> {
  await store.change((record) => {
    const sessions = record.sessions.filter((session) => session.id !== id);
    if (sessions.length === record.sessions.length)
      throw new SafehouseError("not-found", `There is no session ${id}`, { subject: id });
    return { ...record, sessions };
  });
}

/** Ends all sessions but one. @param kept undefined to end them all; returns how many ended */
export async function endSessions(
  { store }: Pick<AccessTools, "store">,
  kept: string | undefined,
): Promise<number> {
  let ended = 0;
  await store.change((record) => {
    const sessions = record.sessions.filter(({ id }) => id === kept);
    ended = record.sessions.length - sessions.length;
    return { ...record, sessions };
  });
  return ended;
}
