import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SafehouseError } from "#core/model/problem.ts";
import { sealedMark } from "#core/model/sealed-mark.ts";
import { asStateError, isExisting, isMissing } from "./state-error.ts";
import { syncFolder } from "./sync-folder.ts";
import { writeDurably } from "./write-durably.ts";

const keyLength = 32;

/**
 * The 32 random bytes in `secret.key` that the secrets of a data directory are sealed with. Made on first
 * use, for its owner alone, and never replaced. Throws `not-found` if it is gone while there are secrets
 * that it sealed: a new key would open none of them, and hide that the old one has to be looked for.
 */
export function readOrMakeSecretKey(dataDirectory: string): Uint8Array {
  const known = findSecretKey(dataDirectory);
  if (known !== undefined) return known;
  adoptSecretKey(dataDirectory, randomBytes(keyLength));
  return readSecretKey(dataDirectory);
}

/** Takes 32 bytes for the key where there is none; one that is there stays. Throws as `readOrMakeSecretKey`. */
export function adoptSecretKey(dataDirectory: string, key: Uint8Array): void {
  if (findSecretKey(dataDirectory) !== undefined) return;
  if (holdsSealed(dataDirectory)) throw missingKey(dataDirectory);
  writeKey(dataDirectory, key);
}

/** The same for opening: throws `not-found` instead of making a key, and `damaged` for one that is none. */
export function readSecretKey(dataDirectory: string): Uint8Array {
  const key = findSecretKey(dataDirectory);
  if (key === undefined) throw missingKey(dataDirectory);
  return key;
}

/** The key; undefined if there is none. Throws `damaged` for one that is none. */
export function findSecretKey(dataDirectory: string): Uint8Array | undefined {
  const path = pathIn(dataDirectory);
  const key = attempt(path, () => readFileSync(path));
  if (key === undefined || key.length === keyLength) return key;
  throw new SafehouseError("damaged", `${path} has ${key.length} bytes instead of ${keyLength}`, {
    subject: path,
    advice: wayBack,
  });
}

/** A link appears whole and takes nobody's place, so that of two processes one wins and both read its key. */
function writeKey(dataDirectory: string, key: Uint8Array): void {
  const path = pathIn(dataDirectory);
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    rmSync(temporary, { force: true });
    writeDurably(temporary, key);
    linkSync(temporary, path);
    syncFolder(dataDirectory);
  } catch (error) {
    if (!isExisting(error)) throw asStateError(error, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function holdsSealed(dataDirectory: string): boolean {
  const names = attempt(dataDirectory, () => readdirSync(dataDirectory)) ?? [];
  return names
    .filter((name) => name.endsWith(".json"))
    .map((name) => join(dataDirectory, name))
    .some((path) => attempt(path, () => readFileSync(path, "utf8"))?.includes(`"${sealedMark}`));
}

/** Undefined where there is no such file. */
function attempt<Result>(path: string, read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw asStateError(error, path);
  }
}

function missingKey(dataDirectory: string): SafehouseError {
  const path = pathIn(dataDirectory);
  const message = `The secrets in ${dataDirectory} cannot be opened: ${path} is missing`;
  return new SafehouseError("not-found", message, { subject: path, advice: wayBack });
}

const wayBack =
  "Put the file back from a copy of the data directory; without one, move keys.json away and import each key from its emergency kit with: safehouse keys import";

function pathIn(dataDirectory: string): string {
  return join(dataDirectory, "secret.key");
}
