import type { AccessRecord } from "./access-port.ts";
import type { AccessTools } from "./access-tools.ts";
import { checkPassword, wrongPassword } from "./check-password.ts";
import type { Client } from "./client.ts";
import { hashPassword, isOutdated } from "./password-hash.ts";
import { newSession, withSession, type NewSession } from "./sessions.ts";
import { passwordOf } from "./stored-password.ts";

/**
 * Begins a session for whoever knows the password. Rejects as `checkPassword` does.
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

/** @param hash of the same password at a higher cost; undefined if it need not be kept anew */
function withHash(record: AccessRecord, hash: string | undefined): AccessRecord {
  const { environmentPassword, password } = record;
  if (hash === undefined) return record;
  if (environmentPassword !== undefined)
    return { ...record, environmentPassword: { ...environmentPassword, hash } };
  return password === undefined ? record : { ...record, password: { ...password, hash } };
}
