import { AccessCalls } from "#client/access-calls.ts";
import type { LinkFlags } from "../../link/link-flags.ts";
import type { CommandContext, CommonFlags } from "../../command-context.ts";

/** Access of the server that the command goes through, or of this machine. */
export async function accessCalls(
  { services, home, signal }: CommandContext,
  flags: CommonFlags & LinkFlags,
): Promise<AccessCalls> {
  const client = await home.server({ flags });
  return new AccessCalls({ access: services.access(flags), client, signal });
}
