import * as v from "valibot";
import { scopes } from "#access/scope.ts";

const dateTime = v.pipe(v.string(), v.isoTimestamp());
const scope = v.picklist(scopes);
/** How long and how good it has to be is said where it is set. */
const password = v.pipe(v.string(), v.minLength(1), v.maxLength(1000));

/** `POST /set-up/session` */
export const setUpLink = v.strictObject({ token: v.pipe(v.string(), v.maxLength(200)) });

/** `POST /set-up/password`, `POST /session` */
export const givenPassword = v.strictObject({ password });

/** `PUT /password` */
export const passwordChange = v.strictObject({ current: password, new: password });

/** `POST /tokens` */
export const tokenRequest = v.strictObject({
  name: v.pipe(v.string(), v.maxLength(200)),
  scope,
  expiresInDays: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3650))),
});

/** Who asks, and what they may do. */
export const whoAmI = v.object({
  kind: v.picklist(["nobody", "session", "set-up", "token", "ingress"]),
  scope: v.optional(scope),
  name: v.optional(v.string()),
  /** Set where there is no password yet: only the set-up link leads in. */
  setUpNeeded: v.boolean(),
});

export const session = v.object({
  id: v.string(),
  current: v.boolean(),
  madeAt: dateTime,
  lastUsedAt: dateTime,
  expiresAt: dateTime,
  userAgent: v.nullable(v.string()),
  address: v.nullable(v.string()),
});

export const token = v.object({
  id: v.string(),
  name: v.string(),
  scope,
  madeAt: dateTime,
  lastUsedAt: v.nullable(dateTime),
  expiresAt: v.nullable(dateTime),
});

/** A token that was made; `token` is never shown again. */
export const newToken = v.object({ ...token.entries, token: v.string() });

export const sessionList = v.object({ sessions: v.array(session) });
/** Of all sessions, or of one. */
export const sessionsEnded = v.object({ ended: v.number() });
export const tokenList = v.object({ tokens: v.array(token) });

/** A token that was taken back. */
export const tokenRevoked = v.object({ revoked: v.string(), name: v.string() });

export type SessionFacts = v.InferOutput<typeof session>;
export type TokenFacts = v.InferOutput<typeof token>;
export type TokenMade = v.InferOutput<typeof newToken>;
