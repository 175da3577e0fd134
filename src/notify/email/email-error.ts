import { SafehouseError, type Problem } from "#core/model/problem.ts";
import { connectionError } from "../connection-error.ts";

/**
 * What a person is told about a mail server. What it said is left out but for its number: some servers repeat what
 * they were given.
 */
export function emailError(error: unknown, destination: string): SafehouseError {
  const { code, originalCode, responseCode } = error as Readonly<Record<string, unknown>>;
  const meaning =
    typeof code === "string" && Object.hasOwn(meanings, code) ? meanings[code] : undefined;
  // A system's code tells more than that of the library, except about signing in.
  const isSystems = originalCode !== undefined && code !== "EAUTH";
  if (meaning === undefined || isSystems) return connectionError(error, destination);
  const [problem, text, advice] = meaning;
  const number = typeof responseCode === "number" ? ` (${responseCode})` : "";
  return new SafehouseError(problem, `${destination} ${text}${number}`, {
    subject: destination,
    advice,
  });
}

type Meaning = readonly [problem: Problem, text: string, advice: string];

const meanings: Readonly<Record<string, Meaning>> = {
  EAUTH: [
    "denied",
    "refuses the user or the password",
    "Check both; some providers want a password of its own for each program",
  ],
  ETLS: [
    "denied",
    "offers no encryption that can be trusted",
    "Check the port and security; 587 goes with starttls, 465 with tls",
  ],
  EENVELOPE: [
    "usage",
    "refuses the sender or the receivers",
    "Check the addresses, and whether it wants a user and a password",
  ],
  EMESSAGE: ["usage", "does not take the message", "Look into the log of the mail server"],
  EPROTOCOL: [
    "unreachable",
    "does not speak SMTP there",
    "Check the port; 465 goes with tls, any other with starttls",
  ],
  ECONNECTION: [
    "unreachable",
    "closed the connection",
    "Check the port; 465 goes with tls, any other with starttls",
  ],
};
