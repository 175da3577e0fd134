import type { AccessTools } from "./access-tools.ts";
import type { Identity } from "./identity.ts";
import { ownerOf } from "./secret.ts";
import { isLive } from "./sessions.ts";
import { isTokenText } from "./token-text.ts";
import { hasExpired } from "./tokens.ts";

/** What a request shows; a token counts before a session, whether it is good or not. */
export interface Credentials {
  /** API token, as it was sent. */
  readonly token?: string | undefined;
  /** What the session's cookie holds. */
  readonly session?: string | undefined;
}

/**
 * Who shows these credentials; nobody, if they are not good or no longer. Rejects as `AccessStore.read` does.
 */
export async function identify(tools: AccessTools, credentials: Credentials): Promise<Identity> {
  const { token, session } = credentials;
  if (token !== undefined) return bearerOf(tools, token);
  return session === undefined ? { kind: "nobody", refused: false } : sessionOf(tools, session);
}

async function bearerOf({ store, clock, lastUse }: AccessTools, text: string): Promise<Identity> {
  if (!isTokenText(text)) return { kind: "nobody", refused: true };
  const token = ownerOf(text, (await store.read()).tokens);
  if (token === undefined || hasExpired(token, clock.now()))
    return { kind: "nobody", refused: true };
  await lastUse.note("tokens", token);
  const { id, name, scope } = token;
  return { kind: "token", id, name, scope };
}

async function sessionOf(
  { store, clock, lastUse }: AccessTools,
  secret: string,
): Promise<Identity> {
  const session = ownerOf(secret, (await store.read()).sessions);
  if (session === undefined || !isLive(session, clock.now()))
    return { kind: "nobody", refused: true };
  await lastUse.note("sessions", session);
  return { kind: session.kind === "set-up" ? "set-up" : "session", id: session.id };
}
