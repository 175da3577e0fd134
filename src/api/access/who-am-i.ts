import type { Context } from "hono";
import type * as v from "valibot";
import type { AccessTools } from "#access/access-tools.ts";
import type { Identity } from "#access/identity.ts";
import { passwordOf } from "#access/stored-password.ts";
import type { AccessEnv } from "./access-env.ts";
import type { whoAmI } from "#operations/access/access-schemas.ts";

type Answer = v.InferInput<typeof whoAmI>;

/** Tells who asks. @param identity if not given, whoever made the request */
export async function whoAmIAnswer(
  context: Context<AccessEnv>,
  { store }: AccessTools,
  identity: Identity = context.var.identity,
): Promise<Answer> {
  const setUpNeeded = passwordOf(await store.read()) === undefined && identity.kind !== "ingress";
  return { kind: identity.kind, setUpNeeded, ...scopeOf(identity) };
}

function scopeOf(identity: Identity): Pick<Answer, "scope" | "name"> {
  switch (identity.kind) {
    case "nobody":
    case "set-up":
      return {};
    case "token":
      return { scope: identity.scope, name: identity.name };
    case "ingress":
      return { scope: "admin", ...(identity.name === undefined ? {} : { name: identity.name }) };
    case "session":
      return { scope: "admin" };
  }
}
