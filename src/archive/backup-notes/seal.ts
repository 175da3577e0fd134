import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { SafehouseError } from "#core/model/problem.ts";
import type { PasswordKeys } from "#format/securetar/password-keys.ts";

/** Key under `extra` of `backup.json` that holds what only we know (docs/format.md, section 5.2). */
export const notesKey = "safehouse";

/** What may name files or folders of the home, and is therefore encrypted in a protected backup. */
export interface PrivateNotes {
  /** Text of the user's rules that were in force. */
  readonly rules: readonly string[];
}

/** What stands in clear text: counts, never names beyond those that `backup.json` has anyway. */
export interface PublicNotes {
  readonly version: 1;
  /** Name and version of the program. */
  readonly writer: string;
  /** Per part: source files and bytes. */
  readonly parts: Readonly<Record<string, { readonly files: number; readonly bytes: number }>>;
}

interface SealedNotes {
  readonly salt: string;
  readonly nonce: string;
  readonly data: string;
}

type StoredNotes = PublicNotes & (PrivateNotes | { readonly sealed: SealedNotes });

const purpose = "safehouse notes 1";

/** The value for `extra.safehouse`. */
export async function sealNotes(
  notes: PublicNotes,
  secret: PrivateNotes,
  keys: { readonly keys: PasswordKeys; readonly rootSalt: Uint8Array | undefined } | undefined,
): Promise<StoredNotes> {
  if (keys === undefined) return { ...notes, ...secret };
  const salt = keys.rootSalt ?? randomBytes(16);
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", await keys.keys.deriveKey(salt, purpose), nonce);
  const data = Buffer.concat([
    cipher.update(JSON.stringify(secret)),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  const sealed = { salt: base64(salt), nonce: base64(nonce), data: base64(data) };
  return { ...notes, sealed };
}

/** What `extra` says about us; undefined for archives that others made. */
export async function openNotes(
  extra: Readonly<Record<string, unknown>>,
  keys: PasswordKeys | undefined,
): Promise<(PublicNotes & PrivateNotes) | undefined> {
  const stored = extra[notesKey] as Partial<StoredNotes> | undefined;
  if (stored === undefined || stored === null || typeof stored !== "object") return undefined;
  const notes: PublicNotes = {
    version: 1,
    writer: String(stored.writer),
    parts: stored.parts ?? {},
  };
  if (!("sealed" in stored) || stored.sealed === undefined)
    return { ...notes, rules: rulesOf(stored) };
  if (keys === undefined)
    throw new SafehouseError("password-needed", "The notes of this backup are encrypted");
  return { ...notes, ...(await unseal(stored.sealed, keys)) };
}

/**
 * `extra` for the same backup under another key or none; what others wrote there stays as it is, and so do
 * notes that the key does not open: Home Assistant decrypts backups without knowing of them.
 */
export async function resealExtra(
  extra: Readonly<Record<string, unknown>>,
  from: PasswordKeys | undefined,
  to: PasswordKeys | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const notes = await openNotesIfFit(extra, from);
  if (notes === undefined) return extra;
  const { rules, ...open } = notes;
  const others: Record<string, unknown> = { ...(extra[notesKey] as object) };
  delete others["rules"];
  delete others["sealed"];
  const keys = to === undefined ? undefined : { keys: to, rootSalt: undefined };
  return { ...extra, [notesKey]: { ...others, ...(await sealNotes(open, { rules }, keys)) } };
}

async function openNotesIfFit(
  extra: Readonly<Record<string, unknown>>,
  keys: PasswordKeys | undefined,
): Promise<(PublicNotes & PrivateNotes) | undefined> {
  try {
    return await openNotes(extra, keys);
  } catch (error) {
    if (error instanceof SafehouseError) return undefined;
    throw error;
  }
}

async function unseal(sealed: SealedNotes, keys: PasswordKeys): Promise<PrivateNotes> {
  if ([sealed?.salt, sealed?.nonce, sealed?.data].some((text) => typeof text !== "string"))
    throw damagedNotes();
  const salt = Buffer.from(sealed.salt, "base64");
  if (salt.length !== 16) throw damagedNotes();
  const key = await keys.deriveKey(salt, purpose);
  const bytes = Buffer.from(sealed.data, "base64");
  const tag = Math.max(0, bytes.length - 16);
  try {
    const cipher = createDecipheriv("aes-256-gcm", key, Buffer.from(sealed.nonce, "base64"), {
      authTagLength: 16,
    });
    cipher.setAuthTag(bytes.subarray(tag));
    const text = Buffer.concat([cipher.update(bytes.subarray(0, tag)), cipher.final()]).toString();
    return { rules: rulesOf(JSON.parse(text)) };
  } catch (cause) {
    throw damagedNotes(cause);
  }
}

/** Every rule is compared with every path, so a stranger must not write a million of them. */
const mostRuleText = 256 * 1024;

function rulesOf(value: unknown): string[] {
  const rules: unknown =
    typeof value === "object" && value !== null && "rules" in value ? value.rules : [];
  if (!Array.isArray(rules) || !rules.every((rule) => typeof rule === "string"))
    throw damagedNotes();
  if (rules.reduce((sum, rule) => sum + rule.length + 1, 0) > mostRuleText) throw damagedNotes();
  return rules;
}

function damagedNotes(cause?: unknown): SafehouseError {
  return new SafehouseError("damaged", "The notes of this backup in backup.json are damaged", {
    cause,
  });
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
