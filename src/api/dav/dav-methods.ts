import { HttpProblem } from "../http-problem.ts";

/** Answers `OPTIONS`: class 1 of WebDAV, which has no locks. */
export function davOptions(methods: readonly string[]): Response {
  const headers = { DAV: "1", Allow: methods.join(", "), "MS-Author-Via": "DAV" };
  return new Response(null, { status: 204, headers });
}

/** The error for a method that there is not, or not here. */
export function notAllowed(methods: readonly string[], message: string): HttpProblem {
  return new HttpProblem(
    { status: 405, headers: { Allow: methods.join(", ") } },
    { problem: "unsupported", message },
  );
}
