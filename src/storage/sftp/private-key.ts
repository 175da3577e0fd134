import ssh2, { type ParsedKey } from "ssh2";
import { StorageError } from "../errors.ts";
import type { SftpSettings } from "./settings.ts";

/** Opening a locked key takes a second of computing, so each is opened once. */
const opened = new WeakMap<SftpSettings, ParsedKey>();

/**
 * The private key of the settings, or undefined if there is none. Throws `sign-in` if it cannot be used: no or a
 * wrong passphrase, or a format that is not known.
 */
export function privateKeyOf(settings: SftpSettings): ParsedKey | undefined {
  const { privateKey, passphrase } = settings;
  if (privateKey === undefined) return undefined;
  const known = opened.get(settings);
  if (known !== undefined) return known;
  const found: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(privateKey, passphrase);
  const key = Array.isArray(found) ? (found as ParsedKey[])[0] : found;
  if (key === undefined || key instanceof Error || !key.isPrivateKey()) {
    const why = reasonOf(key instanceof Error ? key.message : "", passphrase);
    throw new StorageError("sign-in", `The private key cannot be used: ${why}`);
  }
  opened.set(settings, key);
  return key;
}

function reasonOf(message: string, passphrase: string | undefined): string {
  if (/no passphrase/i.test(message)) return "it is locked, and no passphrase is set";
  if (passphrase !== undefined && !/unsupported/i.test(message))
    return "the passphrase does not open it";
  return "its format is not understood (ssh-keygen -p -f FILE writes it anew)";
}
