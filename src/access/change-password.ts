import { SafehouseError } from "#core/model/problem.ts";
import type { AccessTools } from "./access-tools.ts";
import { checkPassword, wrongPassword } from "./check-password.ts";
import type { Client } from "./client.ts";
import { newSession, withSession, type NewSession } from "./sessions.ts";
import { checkNewPassword, passwordOf, storedPassword, withPassword } from "./stored-password.ts";

/**
 * Changes the password for whoever knows the old one. All sessions end; the one that comes back replaces that
 * of the caller. Rejects as `checkPassword` does, with `usage` for a new password that is too short, and with
 * `unsupported` while it comes from the environment.
 */
export async function changePassword(
  tools: AccessTools,
  change: { readonly current: string; readonly next: string },
  client: Client,
): Promise<NewSession> {
  if ((await tools.store.read()).environmentPassword !== undefined) throw fromEnvironment();
  checkNewPassword(change.next);
  const checked = await checkPassword(tools, change.current, client);
  const now = tools.clock.now();
  const stored = await tools.turns.take(() => storedPassword(change.next, now));
  const made = newSession("signed-in", client, now);
  await tools.store.change((record) => {
    if (passwordOf(record)?.hash !== checked.hash) throw wrongPassword();
    return withSession(withPassword(record, stored), made.session, now);
  });
  return made;
}

function fromEnvironment(): SafehouseError {
  return new SafehouseError("unsupported", "The password comes from the environment", {
    advice:
      "Change SAFEHOUSE_ACCESS_PASSWORD, or the file that SAFEHOUSE_ACCESS_PASSWORD_FILE names, and restart",
  });
}
