import { SafehouseError } from "#core/model/problem.ts";
import type { PersonAtTerminal } from "#operations/home-context.ts";

/**
 * Has a server do something that may need a password: first with one that was given, or with none, so that the
 * server tries its keys; and again with one that a person is asked for, if none of them opens the backup.
 */
export async function tryPasswords<Result>(
  passwords: PersonAtTerminal["passwords"],
  act: (password: string | undefined) => Promise<Result>,
): Promise<Result> {
  const given = await passwords?.given();
  if (given !== undefined && given !== "") return act(given);
  try {
    return await act(undefined);
  } catch (error) {
    if (!(error instanceof SafehouseError) || error.problem !== "password-needed") throw error;
    const asked = await passwords?.ask();
    if (asked === undefined || asked === "") throw error;
    return act(asked);
  }
}
