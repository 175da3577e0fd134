import {
  boolean,
  nullable,
  number,
  object,
  optional,
  record,
  safeParse,
  string,
  union,
} from "valibot";
import { SafehouseError, type Problem } from "#core/model/problem.ts";

const document = object({
  problem: string(),
  detail: string(),
  subject: optional(string()),
  advice: optional(string()),
  facts: optional(record(string(), nullable(union([string(), number(), boolean()])))),
});

const known: Readonly<Record<Problem, true>> = {
  usage: true,
  "not-found": true,
  "already-exists": true,
  "wrong-password": true,
  "password-needed": true,
  damaged: true,
  truncated: true,
  "not-a-backup": true,
  "unknown-version": true,
  "no-space": true,
  denied: true,
  unreachable: true,
  busy: true,
  "home-alive": true,
  "newer-version": true,
  "confirmation-needed": true,
  "read-only": true,
  cancelled: true,
  "command-failed": true,
  unsupported: true,
  incomplete: true,
};

/**
 * The failure that a problem document of our API tells of, as it was thrown there; of a fault of the server an
 * error that is none of a person's doing. Undefined if it is no such document.
 */
export function readProblem(value: unknown): Error | undefined {
  const read = safeParse(document, value);
  if (!read.success) return undefined;
  const { problem, detail, subject, advice, facts } = read.output;
  if (!isKnown(problem)) return new Error(advice === undefined ? detail : `${detail}. ${advice}`);
  return new SafehouseError(problem, detail, {
    ...(subject === undefined ? {} : { subject }),
    ...(advice === undefined ? {} : { advice }),
    ...(facts === undefined ? {} : { facts }),
  });
}

function isKnown(problem: string): problem is Problem {
  return Object.hasOwn(known, problem);
}
