import { SafehouseError } from "#core/model/problem.ts";
import type { AnyOperation } from "#operations/operation.ts";
import type { ApiClient } from "./api-client.ts";
import type { Asking } from "./asking.ts";
import { addressText } from "./server-address.ts";

/**
 * What goes to a server: the input, and the location of the command line. Throws `usage` for what a server does
 * not do for others.
 */
export function inputForServer<Input extends object>(
  operation: AnyOperation,
  input: Input,
  { asking, client }: { readonly asking: Asking; readonly client: ApiClient },
): Input {
  const { flags, service } = asking;
  if (service !== undefined && Object.keys(service).length > 0)
    throw new SafehouseError(
      "usage",
      `The server at ${addressText(client.address)} runs no commands of others`,
      {
        advice: "Stop Home Assistant and say so with --stopped, or run this there with --embedded",
      },
    );
  const { location } = flags;
  if (location === undefined) return input;
  if (Object.hasOwn(operation.input.entries, "location")) return { ...input, location };
  throw new SafehouseError("usage", "With a server --location has no say here", {
    advice: "Leave it out",
  });
}

/**
 * Does something that may need a password: first with one that was given, or with none, so that the server tries
 * its keys; and again with one that a person is asked for, if none of them opens the backup.
 */
export async function withPassword<Result>(
  operation: AnyOperation,
  { passwords }: Asking,
  act: (password: { readonly password?: string }) => Promise<Result>,
): Promise<Result> {
  if (passwords === undefined || !Object.hasOwn(operation.input.entries, "password"))
    return act({});
  const given = await passwords.given();
  if (given !== undefined && given !== "") return act({ password: given });
  try {
    return await act({});
  } catch (error) {
    if (!(error instanceof SafehouseError) || error.problem !== "password-needed") throw error;
    const asked = await passwords.ask();
    if (asked === undefined || asked === "") throw error;
    return act({ password: asked });
  }
}
