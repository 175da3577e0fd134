import { SafehouseError, type Problem } from "#core/model/problem.ts";

/** What a person is told about an answer that is no success; undefined for one that is. */
export function answerError(
  { ok, status, headers }: Pick<Response, "ok" | "status" | "headers">,
  url: URL,
): SafehouseError | undefined {
  if (ok) return undefined;
  const subject = url.host;
  if (status >= 300 && status < 400) {
    const message = `${subject} answered ${status}: it sends us on to ${originOf(headers, url)}`;
    const advice =
      "Enter the address that it leads to; no redirect is followed with a secret in hand";
    return new SafehouseError("usage", message, { subject, advice });
  }
  const [problem, text, advice] = meaningOf(status);
  return new SafehouseError(problem, `${subject} answered ${status}: ${text}`, { subject, advice });
}

type Meaning = readonly [problem: Problem, text: string, advice: string];

function meaningOf(status: number): Meaning {
  if (status === 401) return ["denied", "it wants us to sign in", "Check the token or the header"];
  if (status === 403) return ["denied", "it does not let us in", "Check the token and its rights"];
  if (status === 404 || status === 410)
    return ["not-found", "there is nothing at this address", "Check the address to its end"];
  if (status === 429) return ["busy", "it got too many messages", "Wait, or send fewer there"];
  if (status >= 500) return ["unreachable", "it has a fault", "Look into the log of the service"];
  return ["usage", "it does not take the message", "Check the address and the kind of channel"];
}

/** Without its path, which may be as secret as the one that we had. */
function originOf(headers: Headers, url: URL): string {
  const location = headers.get("location");
  const target = location === null ? null : URL.parse(location, url);
  return target?.origin ?? "another address";
}
