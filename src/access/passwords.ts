import { SafehouseError } from "#core/model/problem.ts";
import type { AccessRecord, StoredPassword } from "./access-port.ts";
import type { AccessTools } from "./access-tools.ts";
import type { Client } from "./client.ts";
import { hashPassword, isOutdated, isPassword } from "./password-hash.ts";
import { newSession, withSession, type NewSession } from "./sessions.ts";

/** Characters, as a person counts them. */
const shortest = 10;
/** UTF-16 units. Nobody types more, and it bounds what is hashed for strangers. */
const longest = 1000;

/** The password that counts: that of the environment, else the one that was set. */
export function passwordOf(record: AccessRecord): StoredPassword | undefined {
  return record.environmentPassword ?? record.password;
}

/** Throws `usage` for a password that is too short, or too long for anybody to mean it. */
export function checkNewPassword(password: string): void {
  const isShort = Array.from(password).length < shortest;
  if (!isShort && password.length <= longest) return;
  const wanted = isShort ? `at least ${shortest}` : `no more than ${longest}`;
  throw new SafehouseError("usage", `A password needs ${wanted} characters`, {
    advice: "A few words that do not belong together are easy to remember and hard to guess",
  });
}

/**
 * Sets the password as the machine's owner, whatever it was. All sessions end, and the set-up link with them.
 * Rejects with `usage` for one that is too short.
 */
export async function setPassword(
  { store, clock }: Pick<AccessTools, "store" | "clock">,
  password: string,
): Promise<AccessRecord> {
  const stored = await storedPassword(password, clock.now());
  return store.change((record) => withPassword(record, stored));
}

/** A password as it is kept. Rejects with `usage`. */
export async function storedPassword(password: string, now: number): Promise<StoredPassword> {
  checkNewPassword(password);
  return { hash: await hashPassword(password), setAt: new Date(now).toISOString() };
}

/** The record with another password: whoever came in by the old one is out, and set-up is over. */
export function withPassword(record: AccessRecord, password: StoredPassword): AccessRecord {
  return { ...record, password, setUp: undefined, sessions: [] };
}

/**
 * Begins a session for whoever knows the password. Rejects with `wrong-password`, with `denied` while there is none, and with
 * `busy` for guesses that come too fast; `facts.retryAfterSeconds` tells when to come again.
 */
export async function signIn(
  tools: AccessTools,
  password: string,
  client: Client,
): Promise<NewSession> {
  const checked = await checkPassword(tools, password, client);
  const renewed = isOutdated(checked.hash)
    ? await tools.turns.take(() => hashPassword(password))
    : undefined;
  const now = tools.clock.now();
  const made = newSession("signed-in", client, now);
  await tools.store.change((record) => {
    // It may have been changed while it was checked.
    if (passwordOf(record)?.hash !== checked.hash) throw wrongPassword();
    return withSession(withHash(record, renewed), made.session, now);
  });
  return made;
}

/**
 * Changes the password for whoever knows the old one. All sessions end; the one that comes back replaces that of the caller.
 * Rejects as `signIn` does, with `usage` for a new password that is too short, and with `unsupported` while it comes from the environment.
 */
export async function changePassword(
  tools: AccessTools,
  change: { readonly current: string; readonly next: string },
  client: Client,
): Promise<NewSession> {
  if ((await tools.store.read()).environmentPassword !== undefined) throw fromEnvironment();
  checkNewPassword(change.next);
  const checked = await checkPassword(tools, change.current, client);
  const now = tools.clock.now();
  const stored = await tools.turns.take(() => storedPassword(change.next, now));
  const made = newSession("signed-in", client, now);
  await tools.store.change((record) => {
    if (passwordOf(record)?.hash !== checked.hash) throw wrongPassword();
    return withSession(withPassword(record, stored), made.session, now);
  });
  return made;
}

/** Rejects unless it is the password; returns what it was compared with. */
async function checkPassword(
  { store, guesses, turns }: AccessTools,
  password: string,
  { address }: Client,
): Promise<StoredPassword> {
  const stored = passwordOf(await store.read());
  if (stored === undefined) throw notSetUp();
  const pause = guesses.begin(address);
  if (pause > 0) throw tooFast(pause);
  const isRight =
    password.length <= longest && (await turns.take(() => isPassword(password, stored.hash)));
  if (!isRight) throw wrongPassword();
  guesses.succeeded(address);
  return stored;
}

/** @param hash of the same password at a higher cost; undefined if it need not be kept anew */
function withHash(record: AccessRecord, hash: string | undefined): AccessRecord {
  const { environmentPassword, password } = record;
  if (hash === undefined) return record;
  if (environmentPassword !== undefined)
    return { ...record, environmentPassword: { ...environmentPassword, hash } };
  return password === undefined ? record : { ...record, password: { ...password, hash } };
}

function wrongPassword(): SafehouseError {
  return new SafehouseError("wrong-password", "The password is wrong");
}

function tooFast(pauseInMs: number): SafehouseError {
  const seconds = Math.ceil(pauseInMs / 1000);
  return new SafehouseError("busy", "There were too many wrong passwords", {
    advice: `Try again in ${seconds} s`,
    facts: { retryAfterSeconds: seconds },
  });
}

function notSetUp(): SafehouseError {
  return new SafehouseError("denied", "There is no password yet", {
    advice: "Open the set-up link that the server has shown at its start",
  });
}

function fromEnvironment(): SafehouseError {
  return new SafehouseError("unsupported", "The password comes from the environment", {
    advice:
      "Change SAFEHOUSE_ACCESS_PASSWORD, or the file that SAFEHOUSE_ACCESS_PASSWORD_FILE names, and restart",
  });
}
