import type { StoredSession } from "#access/access-port.ts";
import type { SessionFacts } from "./access-schemas.ts";

/** A session as it is shown. @param own id of the session that asks */
export function sessionFacts(stored: StoredSession, own: string | undefined): SessionFacts {
  const { id, madeAt, lastUsedAt, expiresAt, userAgent, address } = stored;
  const client = { userAgent: userAgent ?? null, address: address ?? null };
  return { id, current: id === own, madeAt, lastUsedAt, expiresAt, ...client };
}
