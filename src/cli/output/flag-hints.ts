import type { SafehouseError } from "#core/model/problem.ts";

/** What to type next, by problem and by a flag that the command has. The first that fits is told. */
const hints: readonly (readonly [SafehouseError["problem"], flag: string, hint: string])[] = [
  [
    "already-exists",
    "--overwrite",
    "Choose another name, or replace what is there with --overwrite",
  ],
  [
    "password-needed",
    "--password-file",
    "Give the encryption key from the emergency kit, dashes included: --password-file FILE or SAFEHOUSE_PASSWORD",
  ],
  [
    "confirmation-needed",
    "--replace-undo",
    "Take that restore back first with restore undo, or give up its undo with --replace-undo",
  ],
  [
    "confirmation-needed",
    "--drop-newer",
    "See what that is with: safehouse restore status; agree to lose it with --drop-newer",
  ],
  [
    "confirmation-needed",
    "--give-up-backups",
    "Keep the key for as long as there are such backups, or agree that only its emergency kit opens them with --give-up-backups",
  ],
  [
    "home-alive",
    "--stop-command",
    "Stop Home Assistant first, or use --stop-command and --start-command, or say with --stopped that it is stopped",
  ],
  [
    "unreachable",
    "--location",
    "Check that the place is switched on and mounted; a new folder is set up by: safehouse init --location DIR",
  ],
];

/** The advice in an error, or one that names the flags of this command; the core knows of none. */
export function adviceOf(error: SafehouseError, flags: readonly string[]): string | undefined {
  if (error.advice?.includes("--") === true) return error.advice;
  const hint = hints.find(([problem, flag]) => problem === error.problem && flags.includes(flag));
  return hint === undefined ? error.advice : hint[2];
}
