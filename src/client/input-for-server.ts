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
  const { flags, places, service } = asking;
  if (service !== undefined && Object.keys(service).length > 0)
    throw new SafehouseError(
      "usage",
      `The server at ${addressText(client.address)} runs no commands of others`,
      {
        advice:
          "Save them on its machine with safehouse init, or stop Home Assistant and say so with --stopped",
      },
    );
  const { location } = flags;
  const named = places === undefined ? input : { ...input, locations: places };
  if (location === undefined) return named;
  if (Object.hasOwn(operation.input.entries, "location")) return { ...named, location };
  throw new SafehouseError("usage", "With a server --location has no say here", {
    advice: "Leave it out",
  });
}
