import { SafehouseError } from "#core/model/problem.ts";
import type { AccessRecord } from "./access-port.ts";
import type { AccessTools } from "./access-tools.ts";
import type { Client } from "./client.ts";
import { passwordOf, storedPassword, withPassword } from "./stored-password.ts";
import { hashSecret, newSecret, ownerOf } from "./secret.ts";
import { newSession, withSession, type NewSession } from "./sessions.ts";

/**
 * A new token for the set-up link, to be shown by whoever starts a server; earlier ones no longer count.
 * Undefined once there is a password.
 */
export async function openSetUp({
  store,
  clock,
}: Pick<AccessTools, "store" | "clock">): Promise<string | undefined> {
  const token = newSecret();
  const setUp = { hash: hashSecret(token), madeAt: new Date(clock.now()).toISOString() };
  const record = await store.change((known) =>
    passwordOf(known) === undefined ? { ...known, setUp } : known,
  );
  return record.setUp?.hash === setUp.hash ? token : undefined;
}

/**
 * The link with a set-up token. The token stands behind `#`, which browsers send to nobody: it gets into no log
 * of a server or a proxy.
 * @param origin where the server is reached, `http://localhost:8125`
 */
export function setUpLink(origin: string, token: string): string {
  return `${origin}/#set-up=${token}`;
}

/**
 * Begins a session of an hour that may do what setting up consists of. The link may be opened again until there
 * is a password, in another browser too; that ends the session before. Rejects with `denied`.
 */
export async function exchangeSetUpToken(
  { store, clock }: AccessTools,
  token: string,
  client: Client,
): Promise<NewSession> {
  // Strangers may try as often as they like: a wrong token takes no lock.
  refuseUnlessOpen(await store.read(), token);
  const now = clock.now();
  const made = newSession("set-up", client, now);
  await store.change((record) => {
    refuseUnlessOpen(record, token);
    const others = record.sessions.filter(({ kind }) => kind !== "set-up");
    return withSession({ ...record, sessions: others }, made.session, now);
  });
  return made;
}

/**
 * Sets the first password and begins the session of whoever did; with that the link and every set-up session
 * are used up. Rejects with `usage` for a password that is too short, and with `denied` if another was faster.
 * @param id of the set-up session
 */
export async function setFirstPassword(
  { store, clock, turns }: AccessTools,
  { id, password }: { readonly id: string; readonly password: string },
  client: Client,
): Promise<NewSession> {
  const now = clock.now();
  const stored = await turns.take(() => storedPassword(password, now));
  const made = newSession("signed-in", client, now);
  await store.change((record) => {
    const isOpen = record.sessions.some(
      (session) => session.id === id && session.kind === "set-up",
    );
    if (!isOpen || passwordOf(record) !== undefined) throw linkUsedUp();
    return withSession(withPassword(record, stored), made.session, now);
  });
  return made;
}

function refuseUnlessOpen(record: AccessRecord, token: string): void {
  const { setUp } = record;
  const isOpen = passwordOf(record) === undefined && setUp !== undefined;
  if (!isOpen || ownerOf(token, [setUp]) === undefined) throw linkUsedUp();
}

function linkUsedUp(): SafehouseError {
  return new SafehouseError("denied", "This set-up link does not count, or no longer", {
    advice:
      "Open the link that the server has shown at its last start; if there is a password already, set another on the machine itself with: safehouse access password",
  });
}
