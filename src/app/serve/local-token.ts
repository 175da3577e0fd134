import type { AccessStore, StoredToken } from "#access/access-port.ts";
import { hashSecret } from "#access/secret.ts";
import { localTokenId } from "#access/tokens.ts";
import { newTokenText } from "#access/token-text.ts";

/** A token for commands on the same machine, and a store in which it counts for as long as the server runs. */
export interface LocalAccess {
  readonly token: string;
  readonly store: AccessStore;
}

const name = "commands on this machine";

/**
 * Lets those in who can read the data directory. The token is in no file of tokens, so that it ends with the
 * process that made it.
 */
export function withLocalToken(store: AccessStore, now: number): LocalAccess {
  const token = newTokenText();
  const local: StoredToken = {
    id: localTokenId,
    name,
    scope: "admin",
    hash: hashSecret(token),
    madeAt: new Date(now).toISOString(),
    lastUsedAt: undefined,
    expiresAt: undefined,
  };
  return {
    token,
    store: {
      read: async () => {
        const record = await store.read();
        return { ...record, tokens: [local, ...record.tokens] };
      },
      change: (decide) => store.change(decide),
    },
  };
}
