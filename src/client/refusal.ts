import { SafehouseError } from "#core/model/problem.ts";
import { noSafehouse } from "./connection-error.ts";
import { readProblem } from "./read-problem.ts";
import { addressText, type ServerAddress } from "./server-address.ts";

/** What a server says instead of an answer: as it was thrown there, or who it is that answers so. */
export function refusal(status: number, text: string, address: ServerAddress): Error {
  const problem = readProblem(jsonOf(text));
  if (problem === undefined) return noSafehouse(address, `it answers with status ${status}`);
  return status === 401 ? notLetIn(address) : problem;
}

/** The value of a JSON text; undefined for any other text. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function notLetIn(address: ServerAddress): SafehouseError {
  const text = addressText(address);
  const message =
    address.token === undefined
      ? `The server at ${text} lets nobody in without a token`
      : `The server at ${text} does not take this token`;
  return new SafehouseError("denied", message, {
    subject: text,
    advice: "Give a token of this server with --token-file FILE or SAFEHOUSE_TOKEN",
  });
}
