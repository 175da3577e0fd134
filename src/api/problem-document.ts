import { randomUUID } from "node:crypto";
import { HTTPException } from "hono/http-exception";
import { SafehouseError, type Problem } from "#core/model/problem.ts";
import { HttpProblem, type HttpAnswer } from "./http-problem.ts";

/** How each problem is answered: status, and what it is called whatever the case. */
export const problemAnswers: Readonly<Record<Problem, readonly [status: number, title: string]>> = {
  usage: [400, "The request makes no sense as it stands"],
  "not-found": [404, "There is no such thing"],
  "already-exists": [409, "It is there already"],
  "wrong-password": [422, "The password is wrong"],
  "password-needed": [422, "A password is needed"],
  damaged: [422, "The bytes are not what was written"],
  truncated: [422, "The file ends too early"],
  "not-a-backup": [422, "This is no Home Assistant backup"],
  "unknown-version": [422, "It was written by newer software"],
  "no-space": [507, "There is not enough space"],
  denied: [403, "This is not allowed"],
  unreachable: [503, "The place cannot be reached"],
  busy: [409, "Somebody else is at work"],
  "home-alive": [409, "Home Assistant is running"],
  "newer-version": [409, "The backup is from a newer Home Assistant"],
  "confirmation-needed": [409, "Something would be lost"],
  "read-only": [409, "The place cannot be written"],
  cancelled: [409, "It was cancelled"],
  "command-failed": [502, "A command failed"],
  unsupported: [422, "This is not supported here"],
  incomplete: [409, "Not everything was done"],
};

/** A failure as RFC 9457 has it, with our own members. Absent is what there is not. */
export interface ProblemDocument {
  /** `urn:safehouse:problem:` and the problem; `about:blank` where the status says it all. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What failed, where and why. */
  readonly detail: string;
  /** One of the closed list, or `fault` for a fault of this program. */
  readonly problem: Problem | "fault";
  readonly subject?: string | undefined;
  /** What to do next. */
  readonly advice?: string | undefined;
  readonly facts?: SafehouseError["facts"];
  /** Under which the log tells more of a fault. */
  readonly reference?: string;
}

/** Writes what an answer does not say into the log, under the reference that the answer names. */
export type ReportFault = (reference: string, error: unknown) => void;

/**
 * The answer to a request that failed, as `application/problem+json`. A failure that a person can act on is
 * told; of anything else only a reference is, and `report` gets it whole. A `busy` that says when to come again
 * (`facts.retryAfterSeconds`) is answered with 429 and `Retry-After`.
 */
export function problemResponse(error: unknown, report: ReportFault): Response {
  if (error instanceof SafehouseError) return knownProblem(error);
  if (error instanceof HTTPException && error.status < 500) return protocolProblem(error);
  const reference = randomUUID();
  report(reference, error);
  return answer({
    type: "about:blank",
    title: "A fault of Safehouse",
    status: 500,
    detail: "Something went wrong inside Safehouse",
    problem: "fault",
    advice: `Look for ${reference} in its log, and report what stands there`,
    reference,
  });
}

function knownProblem(error: SafehouseError): Response {
  const { problem, message, subject, advice, facts } = error;
  const [, title] = problemAnswers[problem];
  const { status, headers } = answerOf(error);
  const type = `urn:safehouse:problem:${problem}`;
  return answer({ type, title, status, detail: message, problem, subject, advice, facts }, headers);
}

function answerOf(error: SafehouseError): HttpAnswer {
  if (error instanceof HttpProblem) return error.answer;
  const pause = error.problem === "busy" ? error.facts?.["retryAfterSeconds"] : undefined;
  if (typeof pause === "number")
    return { status: 429, headers: { "Retry-After": String(Math.ceil(pause)) } };
  return { status: problemAnswers[error.problem][0] };
}

/** What Hono itself refuses: a body that is too large or no JSON. */
function protocolProblem({ status, message }: HTTPException): Response {
  const detail = message === "" ? "The request cannot be understood" : message;
  const title = problemAnswers.usage[1];
  return answer({ type: "about:blank", title, status, detail, problem: "usage" });
}

function answer(document: ProblemDocument, headers: HttpAnswer["headers"] = {}): Response {
  return new Response(JSON.stringify(document), {
    status: document.status,
    headers: {
      "Content-Type": "application/problem+json",
      "Cache-Control": "no-store",
      ...headers,
    },
  });
}
