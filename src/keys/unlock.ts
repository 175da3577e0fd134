import { SafehouseError } from "#core/model/problem.ts";
import { backupKeys, type BackupKeys } from "./backup-keys.ts";
import type { RingKey } from "./key-ring-port.ts";
import type { Lock, OpenRing } from "./open-ring.ts";

/** Where the password of an archive may come from, in this order. */
export interface PasswordSources {
  /** One that was given in so many words; undefined if none was. */
  readonly given: () => Promise<string | undefined>;
  readonly ring: OpenRing;
  /** Is told which key of the ring it is. */
  readonly matched: (key: RingKey) => void;
  /** Asks a person; undefined if there is nobody. */
  readonly ask: () => Promise<string | undefined>;
}

/**
 * The keys that open an archive; undefined if there is no password to try. One that was given is the only one
 * that counts: whoever wants to know whether it opens the archive must not be answered by another. Rejects
 * with `wrong-password`, which says what the ring has to offer instead, and with `password-needed` if the ring
 * has nothing that fits and nobody was there to be asked.
 */
export async function unlock(
  lock: Lock,
  { given, ring, matched, ask }: PasswordSources,
): Promise<BackupKeys | undefined> {
  const password = await given();
  if (password !== undefined && password !== "") {
    const { keys, refusal } = await tryPassword(lock, password);
    if (refusal === undefined) return keys;
    throw await withOffer(refusal, lock, ring);
  }
  const match = await ring.match(lock);
  if (match !== undefined) {
    matched(match.key);
    return match.keys;
  }
  const { length } = (await ring.read()).keys;
  const asked = await ask();
  if (asked === undefined || asked === "") {
    if (length === 0) return undefined;
    throw noneFits(length);
  }
  const { keys, refusal } = await tryPassword(lock, asked);
  if (refusal === undefined) return keys;
  throw withRing(refusal, length);
}

async function tryPassword(
  lock: Lock,
  password: string,
): Promise<{ readonly keys: BackupKeys; readonly refusal: SafehouseError | undefined }> {
  const keys = backupKeys(password);
  return { keys, refusal: await lock.refusal(keys) };
}

function noneFits(count: number): SafehouseError {
  return new SafehouseError(
    "password-needed",
    `The backup is encrypted, and no key of the key ring opens it (${count} tried)`,
    { advice: "Give the encryption key from the emergency kit, dashes included" },
  );
}

/** Looks whether the ring holds the right one; a ring that cannot be read must not hide what went wrong. */
async function withOffer(refusal: SafehouseError, lock: Lock, ring: OpenRing): Promise<Error> {
  if (refusal.problem !== "wrong-password") return refusal;
  try {
    const match = await ring.match(lock);
    if (match === undefined) return withRing(refusal, (await ring.read()).keys.length);
    const { id, name } = match.key;
    const message = `${refusal.message}; key ${id} "${name}" of the key ring opens it`;
    return new SafehouseError("wrong-password", message, {
      advice: "Leave the password out, and that key is taken",
      facts: { key: id },
      cause: refusal,
    });
  } catch (error) {
    if (!(error instanceof SafehouseError)) throw error;
    const message = `${refusal.message}; the key ring could not be tried: ${error.message}`;
    return new SafehouseError("wrong-password", message, { cause: error });
  }
}

function withRing(refusal: SafehouseError, count: number): SafehouseError {
  if (refusal.problem !== "wrong-password" || count === 0) return refusal;
  const message = `${refusal.message}; no key of the key ring opens it either (${count} tried)`;
  return new SafehouseError("wrong-password", message, {
    advice: "Use the emergency kit of the time when the backup was made",
    cause: refusal,
  });
}
