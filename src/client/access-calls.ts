import { endSession, endSessions, listSessions } from "#access/sessions.ts";
import { listTokens, makeToken, revokeToken, type TokenRequest } from "#access/tokens.ts";
import {
  newToken,
  sessionList,
  sessionsEnded,
  tokenList,
  tokenRevoked,
  type SessionFacts,
  type TokenFacts,
  type TokenMade,
} from "#operations/access/access-schemas.ts";
import { sessionFacts } from "#operations/access/session-facts.ts";
import { tokenFacts } from "#operations/access/token-facts.ts";
import type { Services } from "#operations/services.ts";
import type { ApiClient } from "./api-client.ts";
import { pathSegment } from "./path-segment.ts";

/** What access is looked after with. */
export interface AccessCallsTools {
  /** Of this machine. */
  readonly access: ReturnType<Services["access"]>;
  /** The server to go through; undefined for none. */
  readonly client: ApiClient | undefined;
  readonly signal: AbortSignal;
}

/**
 * Who may come in to a server: asked of the server, or of the data directory of this machine, which a server that
 * runs follows. All methods reject as what they are named after, and as `ApiClient.call`.
 */
export class AccessCalls {
  readonly #tools: AccessCallsTools;

  constructor(tools: AccessCallsTools) {
    this.#tools = tools;
  }

  async listTokens(): Promise<readonly TokenFacts[]> {
    const { access, client, signal } = this.#tools;
    if (client !== undefined)
      return (await client.ask(tokenList, { method: "GET", path: "/access/tokens", signal }))
        .tokens;
    return (await listTokens(access)).map(tokenFacts);
  }

  async makeToken(request: TokenRequest): Promise<TokenMade> {
    const { access, client, signal } = this.#tools;
    if (client !== undefined) {
      const { name, scope, days } = request;
      const json = { name, scope, ...(days === undefined ? {} : { expiresInDays: days }) };
      return client.ask(newToken, { method: "POST", path: "/access/tokens", json, signal });
    }
    const { stored, token } = await makeToken(access, request);
    return { ...tokenFacts(stored), token };
  }

  /** @returns its name */
  async revokeToken(id: string): Promise<string> {
    const { access, client, signal } = this.#tools;
    const path = `/access/tokens/${pathSegment(id)}`;
    if (client !== undefined)
      return (await client.ask(tokenRevoked, { method: "DELETE", path, signal })).name;
    return (await revokeToken(access, id)).name;
  }

  async listSessions(): Promise<readonly SessionFacts[]> {
    const { access, client, signal } = this.#tools;
    if (client !== undefined)
      return (await client.ask(sessionList, { method: "GET", path: "/access/sessions", signal }))
        .sessions;
    return (await listSessions(access)).map((session) => sessionFacts(session, undefined));
  }

  async endSession(id: string): Promise<void> {
    const { access, client, signal } = this.#tools;
    const path = `/access/sessions/${pathSegment(id)}`;
    if (client === undefined) await endSession(access, id);
    else await client.ask(sessionsEnded, { method: "DELETE", path, signal });
  }

  /** @returns how many ended */
  async endSessions(): Promise<number> {
    const { access, client, signal } = this.#tools;
    if (client === undefined) return endSessions(access, undefined);
    const sent = { method: "DELETE", path: "/access/sessions", signal };
    return (await client.ask(sessionsEnded, sent)).ended;
  }
}
