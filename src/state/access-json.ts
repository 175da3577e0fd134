import type {
  AccessRecord,
  StoredPassword,
  StoredSession,
  StoredSetUp,
  StoredToken,
} from "#access/access-port.ts";
import { isObject, type JsonObject } from "./home-document.ts";

/** As a record, so that none can be missing. */
const scopes: Readonly<Record<StoredToken["scope"], StoredToken["scope"]>> = {
  read: "read",
  backup: "backup",
  restore: "restore",
  admin: "admin",
  inbox: "inbox",
};

/**
 * What a file says of who may come in; undefined if any of it cannot be understood. Without anything it is
 * empty.
 */
export function parseAccess(stored: JsonObject): AccessRecord | undefined {
  try {
    return {
      password: optional(stored["password"], readPassword),
      environmentPassword: optional(stored["environmentPassword"], readPassword),
      setUp: optional(stored["setUp"], readSetUp),
      sessions: readList(stored["sessions"], readSession),
      tokens: readList(stored["tokens"], readToken),
    };
  } catch (error) {
    if (error instanceof Misread) return undefined;
    throw error;
  }
}

/**
 * The record as a file holds it.
 * @param before what the file has said; what this program does not know in it stays
 */
export function accessJson(record: AccessRecord, before: JsonObject): JsonObject {
  const { sessions, tokens } = record;
  return {
    ...before,
    ...record,
    sessions: sessions.map((session) => ({ ...itemOf(before["sessions"], session), ...session })),
    tokens: tokens.map((token) => ({ ...itemOf(before["tokens"], token), ...token })),
  };
}

function itemOf(before: unknown, { id }: { readonly id: string }): JsonObject {
  const items: readonly unknown[] = Array.isArray(before) ? before : [];
  return items.filter(isObject).find((item) => item["id"] === id) ?? {};
}

/** A value is not what it has to be. */
class Misread extends Error {}

function readPassword(value: JsonObject): StoredPassword {
  return { hash: text(value, "hash"), setAt: date(value, "setAt") };
}

function readSetUp(value: JsonObject): StoredSetUp {
  return { hash: hash(value), madeAt: date(value, "madeAt") };
}

function readSession(value: JsonObject): StoredSession {
  return {
    id: text(value, "id"),
    kind: oneOf(value, "kind", ["signed-in", "set-up"] as const),
    hash: hash(value),
    madeAt: date(value, "madeAt"),
    lastUsedAt: date(value, "lastUsedAt"),
    expiresAt: date(value, "expiresAt"),
    userAgent: ifThere(value, "userAgent", text),
    address: ifThere(value, "address", text),
  };
}

function readToken(value: JsonObject): StoredToken {
  return {
    id: text(value, "id"),
    name: text(value, "name"),
    scope: oneOf(value, "scope", Object.values(scopes)),
    hash: hash(value),
    madeAt: date(value, "madeAt"),
    lastUsedAt: ifThere(value, "lastUsedAt", date),
    expiresAt: ifThere(value, "expiresAt", date),
  };
}

function optional<Item>(value: unknown, read: (value: JsonObject) => Item): Item | undefined {
  if (value === undefined) return undefined;
  if (!isObject(value)) throw new Misread();
  return read(value);
}

function readList<Item extends { readonly id: string }>(
  value: unknown,
  read: (value: JsonObject) => Item,
): readonly Item[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new Misread();
  const items = value.map((item: unknown) => {
    if (!isObject(item)) throw new Misread();
    return read(item);
  });
  if (new Set(items.map(({ id }) => id)).size < items.length) throw new Misread();
  return items;
}

function text(value: JsonObject, name: string): string {
  const found = value[name];
  if (typeof found !== "string") throw new Misread();
  return found;
}

/** A date that could not be read would never come, and so never end anything. */
function date(value: JsonObject, name: string): string {
  const found = text(value, name);
  if (Number.isNaN(Date.parse(found))) throw new Misread();
  return found;
}

/** SHA-256, hexadecimal. */
function hash(value: JsonObject): string {
  const found = text(value, "hash");
  if (!/^[0-9a-f]{64}$/u.test(found)) throw new Misread();
  return found;
}

function ifThere(
  value: JsonObject,
  name: string,
  read: (value: JsonObject, name: string) => string,
): string | undefined {
  return value[name] === undefined ? undefined : read(value, name);
}

function oneOf<Choice extends string>(
  value: JsonObject,
  name: string,
  choices: readonly Choice[],
): Choice {
  const found = choices.find((choice) => choice === value[name]);
  if (found === undefined) throw new Misread();
  return found;
}
