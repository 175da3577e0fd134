import { SafehouseError } from "#core/model/problem.ts";
import type { Problem } from "#core/model/problem.ts";

const problems: Readonly<Record<string, Problem>> = {
  // Layered file systems, such as a container's own, refuse to move folders of a lower layer.
  EXDEV: "unsupported",
  EACCES: "denied",
  EPERM: "denied",
  EROFS: "read-only",
  ENOSPC: "no-space",
  EDQUOT: "no-space",
  EBUSY: "busy",
};

/**
 * A failed swap as a person meets it, after everything has been put back.
 * @param afterwards what went wrong while doing that, such as a start command that failed
 */
export function swapProblem(error: unknown, afterwards: readonly string[]): unknown {
  const rest = afterwards.map((sentence) => `; ${sentence}`).join("");
  if (error instanceof SafehouseError) {
    if (rest === "") return error;
    const { problem, message, subject, advice, facts } = error;
    return new SafehouseError(problem, `${message}${rest}`, {
      ...(subject === undefined ? {} : { subject }),
      ...(advice === undefined ? {} : { advice }),
      ...(facts === undefined ? {} : { facts }),
      cause: error,
    });
  }
  if (!(error instanceof Error)) return error;
  const problem = "code" in error ? problems[String(error.code)] : undefined;
  if (problem !== undefined) {
    const message = `The swap failed and the state before it is back: ${error.message}${rest}`;
    return new SafehouseError(problem, message, { cause: error });
  }
  return rest === "" ? error : new Error(`${error.message}${rest}`, { cause: error });
}
