import type { Problem } from "#core/model/problem.ts";

/**
 * Exit codes by cause (docs/cli.md). 0 is complete success; 1 is a fault of this program; everything
 * else says what kind of thing a person has to look at.
 */
export const exitCodes: Readonly<Record<Problem, number>> = {
  usage: 2,
  incomplete: 3,
  "not-found": 10,
  "already-exists": 11,
  "wrong-password": 20,
  "password-needed": 21,
  damaged: 22,
  truncated: 23,
  "not-a-backup": 24,
  "unknown-version": 25,
  "no-space": 30,
  denied: 31,
  unreachable: 32,
  "read-only": 33,
  busy: 40,
  "home-alive": 41,
  "newer-version": 42,
  "confirmation-needed": 43,
  "command-failed": 44,
  unsupported: 50,
  cancelled: 130,
};

export const exitOk = 0;
export const exitFault = 1;
/** As a shell tells of a program that SIGPIPE ended. */
export const exitReaderGone = 141;
/** Done, but something was left out or could not be proven; the output says what. */
export const exitIncomplete = exitCodes.incomplete;
