import { SafehouseError } from "#core/model/problem.ts";
import type { AccessRecord, StoredPassword } from "./access-port.ts";
import { hashPassword } from "./password-hash.ts";

/** Characters, as a person counts them. */
const shortest = 10;
/** UTF-16 units of the longest password. Nobody types more, and it bounds what is hashed for strangers. */
export const longestPassword = 1000;

/** The password that counts: that of the environment, else the one that was set. */
export function passwordOf(record: AccessRecord): StoredPassword | undefined {
  return record.environmentPassword ?? record.password;
}

/** Throws `usage` for a password that is too short, or too long for anybody to mean it. */
export function checkNewPassword(password: string): void {
  const isShort = Array.from(password).length < shortest;
  if (!isShort && password.length <= longestPassword) return;
  const wanted = isShort ? `at least ${shortest}` : `no more than ${longestPassword}`;
  throw new SafehouseError("usage", `A password needs ${wanted} characters`, {
    advice: "A few words that do not belong together are easy to remember and hard to guess",
  });
}

/** A password as it is kept. Rejects with `usage`. */
export async function storedPassword(password: string, now: number): Promise<StoredPassword> {
  checkNewPassword(password);
  return { hash: await hashPassword(password), setAt: new Date(now).toISOString() };
}

/** The record with another password: whoever came in by the old one is out, and set-up is over. */
export function withPassword(record: AccessRecord, password: StoredPassword): AccessRecord {
  return { ...record, password, setUp: undefined, sessions: [] };
}
