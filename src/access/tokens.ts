import { SafehouseError } from "#core/model/problem.ts";
import type { StoredToken } from "./access-port.ts";
import type { AccessTools } from "./access-tools.ts";
import { hashSecret, newId } from "./secret.ts";
import type { Scope } from "./scope.ts";
import { newTokenText } from "./token-text.ts";

const mostTokens = 200;

export interface TokenRequest {
  /** What a person calls it; no two have the same. */
  readonly name: string;
  readonly scope: Scope;
  /** Days until it no longer counts; undefined for never. */
  readonly days: number | undefined;
}

/** A token that was made. */
export interface NewToken {
  readonly stored: StoredToken;
  /** The token itself. It is shown this once and kept nowhere. */
  readonly token: string;
}

/** Makes an API token. Rejects with `already-exists` for a name that is taken, and with `usage`. */
export async function makeToken(
  { store, clock }: Pick<AccessTools, "store" | "clock">,
  { name, scope, days }: TokenRequest,
): Promise<NewToken> {
  const now = clock.now();
  const token = newTokenText();
  const stored: StoredToken = {
    id: newId(),
    name: checkName(name),
    scope,
    hash: hashSecret(token),
    madeAt: new Date(now).toISOString(),
    lastUsedAt: undefined,
    expiresAt: days === undefined ? undefined : expiry(now, days),
  };
  await store.change((record) => {
    if (record.tokens.some((known) => known.name === stored.name)) throw nameTaken(stored.name);
    if (record.tokens.length >= mostTokens) throw tooMany();
    return { ...record, tokens: [...record.tokens, stored] };
  });
  return { stored, token };
}

/** Id of the token by which commands on the same machine come in. It ends with the server, and is nobody's to keep. */
export const localTokenId = "local";

/** The tokens that people have made, in the order in which they were. */
export async function listTokens({
  store,
}: Pick<AccessTools, "store">): Promise<readonly StoredToken[]> {
  return (await store.read()).tokens.filter(({ id }) => id !== localTokenId);
}

/**
 * Takes a token back; it no longer counts from the next request on. Rejects with `not-found`. @returns the
 * token
 */
export async function revokeToken(
  { store }: Pick<AccessTools, "store">,
  id: string,
): Promise<StoredToken> {
  let revoked: StoredToken | undefined;
  await store.change((record) => {
    revoked = record.tokens.find((token) => token.id === id);
    return { ...record, tokens: record.tokens.filter((token) => token !== revoked) };
  });
  if (revoked !== undefined) return revoked;
  throw new SafehouseError("not-found", `There is no token ${id}`, { subject: id });
}

interface Expiring {
  /** ISO date-time; nothing for never. */
  readonly expiresAt: string | null | undefined;
}

/** True once a token has expired. */
export function hasExpired({ expiresAt }: Expiring, now: number): boolean {
  return expiresAt !== undefined && expiresAt !== null && now >= Date.parse(expiresAt);
}

function checkName(name: string): string {
  const trimmed = name.trim();
  // oxlint-disable-next-line no-control-regex -- lists of tokens are shown on terminals
  if (trimmed !== "" && trimmed.length <= 100 && !/[\u0000-\u001f\u007f]/u.test(trimmed))
    return trimmed;
  throw new SafehouseError(
    "usage",
    "The name of a token has to be one line of 1 to 100 characters",
  );
}

function expiry(now: number, days: number): string {
  if (!Number.isInteger(days) || days < 1 || days > 3650)
    throw new SafehouseError("usage", "A token lasts a whole number of days, from 1 to 3650");
  return new Date(now + days * 24 * 60 * 60_000).toISOString();
}

function nameTaken(name: string): SafehouseError {
  return new SafehouseError("already-exists", `There is a token named ${name} already`, {
    subject: name,
    advice: "Choose another name, or revoke that token first",
  });
}

function tooMany(): SafehouseError {
  return new SafehouseError("usage", `There are ${mostTokens} tokens already`, {
    advice: "Revoke those that are not used",
  });
}
