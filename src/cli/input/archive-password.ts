import type { AskPassword } from "#jobs/archive/open-archive-file.ts";
import { OpenRing } from "#keys/open-ring.ts";
import { unlock, type PasswordSources } from "#keys/unlock.ts";
import type { CommandContext } from "../command-context.ts";
import { printable } from "../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { askForPassword, passwordVariable, readPassword, type PasswordFlags } from "./password.ts";

/**
 * How a command comes by what opens an encrypted archive: a password that was given, else a key of the ring,
 * which is then named, else the terminal. Each is asked for once, however many archives there are.
 */
export function archivePassword(
  context: CommandContext,
  flags: PasswordFlags & PlaceFlags,
): AskPassword {
  const ring = new OpenRing(context.services.keyRing(flags));
  const sources = { ...passwordSources(context, flags), ring };
  return (lock) => unlock(lock, sources);
}

/** The same without the ring, for those who have one. */
export function passwordSources(
  { console, progress, json }: CommandContext,
  flags: PasswordFlags,
): Omit<PasswordSources, "ring"> {
  let given: Promise<string | undefined> | undefined;
  let asked: Promise<string | undefined> | undefined;
  const told = new Set<string>();
  return {
    given: () =>
      (given ??= readPassword(flags, console, { variable: passwordVariable, question: undefined })),
    matched: ({ id, name }) => {
      if (json || told.has(id)) return;
      told.add(id);
      progress.clear();
      console.err(`Opened with key ${id} "${printable(name)}"\n`);
    },
    ask: () => (asked ??= askForPassword(console, "Password of the backup: ")),
  };
}
