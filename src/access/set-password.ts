import type { AccessRecord } from "./access-port.ts";
import type { AccessTools } from "./access-tools.ts";
import { storedPassword, withPassword } from "./stored-password.ts";

/**
 * Sets the password as the machine's owner, whatever it was. All sessions end, and the set-up link with them.
 * Rejects with `usage` for one that is too short.
 */
export async function setPassword(
  { store, clock }: Pick<AccessTools, "store" | "clock">,
  password: string,
): Promise<AccessRecord> {
  const stored = await storedPassword(password, clock.now());
  return store.change((record) => withPassword(record, stored));
}
