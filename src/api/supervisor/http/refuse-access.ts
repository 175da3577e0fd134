import type { MiddlewareHandler } from "hono";
import { SafehouseError } from "#core/model/problem.ts";
import { HttpProblem } from "../../http-problem.ts";
import { OfficialError, sentenceOf } from "./official-error.ts";

/**
 * A check of access whose refusals are answered as clients of the Supervisor need them: 401 for somebody unknown,
 * else 403. Elsewhere the same problems are failures of the work, and 400.
 */
export function refuseAccess(check: MiddlewareHandler): MiddlewareHandler {
  return async (context, next) => {
    try {
      // What comes after it is none of its business: Hono answers failures where they are thrown.
      return await check(context, next);
    } catch (error) {
      throw error instanceof SafehouseError ? refusalOf(error) : error;
    }
  };
}

function refusalOf(error: SafehouseError): OfficialError {
  const answer = error instanceof HttpProblem ? error.answer : undefined;
  return new OfficialError(sentenceOf(error), {
    status: answer?.status === 401 ? 401 : 403,
    headers: answer?.headers,
  });
}
