import type { Identity } from "./identity.ts";
import { includesScope, type Scope } from "./scope.ts";

/** What a request asks for. */
export interface Need {
  readonly scope: Scope;
  /** True for what setting up consists of: it is open to whoever came by the set-up link, too. */
  readonly inSetUp?: boolean;
}

/** `sign-in`: it is not known who asks. `no`: it is, and that one may not. */
export type Decision = "yes" | "sign-in" | "no";

/** Whether somebody may do something. */
export function mayDo(identity: Identity, { scope, inSetUp = false }: Need): Decision {
  switch (identity.kind) {
    case "nobody":
      return "sign-in";
    case "set-up":
      return inSetUp ? "yes" : "no";
    case "token":
      return includesScope(identity.scope, scope) ? "yes" : "no";
    case "session":
    case "ingress":
      return "yes";
  }
}
