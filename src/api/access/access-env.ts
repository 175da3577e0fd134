import type { HttpBindings } from "@hono/node-server";
import type { Client } from "#access/client.ts";
import type { Identity } from "#access/identity.ts";

/** What routes behind `accessGuard` find in their context. */
export interface AccessEnv {
  readonly Bindings: HttpBindings;
  Variables: {
    /** Who asks. */
    identity: Identity;
    /** Where from; guesses are counted by it. */
    client: Client;
  };
}
