import type { StoredToken } from "#access/access-port.ts";
import type { TokenFacts } from "./access-schemas.ts";

/** An API token as it is shown. */
export function tokenFacts(stored: StoredToken): TokenFacts {
  const { id, name, scope, madeAt, lastUsedAt, expiresAt } = stored;
  return { id, name, scope, madeAt, lastUsedAt: lastUsedAt ?? null, expiresAt: expiresAt ?? null };
}
