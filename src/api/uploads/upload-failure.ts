import { SafehouseError } from "#core/model/problem.ts";
import { HttpProblem } from "../http-problem.ts";
import { systemCodeOf } from "./system-code.ts";

/** A full disk, told as such; every other failure of writing what comes in as it is. */
export function asWriteFailure(error: unknown, location: string): unknown {
  if (!["ENOSPC", "EDQUOT"].includes(systemCodeOf(error) ?? "")) return error;
  return new SafehouseError("no-space", `The disk of ${location} is full`, {
    subject: location,
    advice: "Remove old backups or choose another location",
    cause: error,
  });
}

/** True if an upload failed for what it is, so that sending it again would not help. */
export function isRefusal(error: unknown): error is SafehouseError {
  return error instanceof SafehouseError && refusals.has(error.problem);
}

const refusals: ReadonlySet<SafehouseError["problem"]> = new Set<SafehouseError["problem"]>([
  "usage",
  "already-exists",
  "damaged",
  "truncated",
  "not-a-backup",
  "unknown-version",
  "unsupported",
]);

/**
 * A refusal as clients of tus take it for one: after 409 they ask how far the upload is, and, as it is gone, send
 * all of it again.
 */
export function finalRefusal({
  problem,
  message,
  subject,
  advice,
  facts,
}: SafehouseError): HttpProblem {
  const details = {
    ...(subject === undefined ? {} : { subject }),
    ...(advice === undefined ? {} : { advice }),
    ...(facts === undefined ? {} : { facts }),
  };
  return new HttpProblem(
    { status: problem === "usage" ? 400 : 422 },
    { problem, message, ...details },
  );
}

/** What the protocol refuses by a status and a text, as a problem; anything else as it is. */
export function asProtocolProblem(error: unknown): unknown {
  if (typeof error !== "object" || error === null || error instanceof Error) return error;
  const { status_code: status, body } = error as { status_code?: unknown; body?: unknown };
  if (typeof status !== "number" || typeof body !== "string") return error;
  const message = body.trim();
  // It waits for whoever has not let go of the upload yet; clients come again after this status.
  if (status >= 500 && status !== 501)
    return new HttpProblem({ status: 423 }, { problem: "busy", message });
  const problem = status === 404 || status === 410 ? "not-found" : "usage";
  return new HttpProblem({ status }, { problem, message });
}

/** For an id that there is no upload of. */
export function noUpload(id: string): SafehouseError {
  return new SafehouseError("not-found", `There is no upload ${id}`, {
    subject: id,
    advice: "Begin it again: what nobody continues is removed after a week",
  });
}
