import { SafehouseError } from "#core/model/problem.ts";
import type { StoredPassword } from "./access-port.ts";
import type { AccessTools } from "./access-tools.ts";
import type { Client } from "./client.ts";
import { isPassword } from "./password-hash.ts";
import { longestPassword, passwordOf } from "./stored-password.ts";

/**
 * Compares a password with the one that counts, which comes back. Rejects with `wrong-password`, with `denied`
 * while there is none, and with `busy` for guesses that come too fast; `facts.retryAfterSeconds` tells when to
 * come again.
 */
export async function checkPassword(
  { store, guesses, turns }: AccessTools,
  password: string,
  { address }: Client,
): Promise<StoredPassword> {
  const stored = passwordOf(await store.read());
  if (stored === undefined) throw notSetUp();
  const pause = guesses.begin(address);
  if (pause > 0) throw tooFast(pause);
  const isRight =
    password.length <= longestPassword &&
    (await turns.take(() => isPassword(password, stored.hash)));
  if (!isRight) throw wrongPassword();
  guesses.succeeded(address);
  return stored;
}

/** The error for a password that does not fit. */
export function wrongPassword(): SafehouseError {
  return new SafehouseError("wrong-password", "The password is wrong");
}

function tooFast(pauseInMs: number): SafehouseError {
  const seconds = Math.ceil(pauseInMs / 1000);
  return new SafehouseError("busy", "There were too many wrong passwords", {
    advice: `Try again in ${seconds} s`,
    facts: { retryAfterSeconds: seconds },
  });
}

function notSetUp(): SafehouseError {
  return new SafehouseError("denied", "There is no password yet", {
    advice: "Open the set-up link that the server has shown at its start",
  });
}
