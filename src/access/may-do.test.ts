import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import type { Identity } from "./identity.ts";
import { mayDo } from "./may-do.ts";
import { includesScope, scopes, type Scope } from "./scope.ts";

const ingress: Identity = { kind: "ingress", userId: undefined, name: undefined, basePath: "/a" };

function bearer(scope: Scope): Identity {
  return { kind: "token", id: "1", name: "one", scope };
}

test("each scope includes those before it and nothing else", () => {
  const ladder = scopes.filter((scope) => scope !== "inbox");
  for (const [at, held] of ladder.entries())
    for (const [place, needed] of ladder.entries()) {
      assert.equal(includesScope(held, needed), place <= at);
      assert.equal(mayDo(bearer(held), { scope: needed }), place <= at ? "yes" : "no");
    }
});

test("the scope of the inbox stands beside the others: it includes none, and only the widest includes it", () => {
  for (const scope of scopes) {
    assert.equal(includesScope("inbox", scope), scope === "inbox");
    assert.equal(includesScope(scope, "inbox"), scope === "inbox" || scope === "admin");
    assert.equal(
      mayDo(bearer("inbox"), { scope, inSetUp: true }),
      scope === "inbox" ? "yes" : "no",
    );
  }
});

test("nobody may do anything, not even set up", () => {
  const need = fc.record({ scope: fc.constantFrom(...scopes), inSetUp: fc.boolean() });
  fc.assert(
    fc.property(need, fc.boolean(), (asked, refused) => {
      assert.equal(mayDo({ kind: "nobody", refused }, asked), "sign-in");
    }),
  );
});

test("who sets up may do what is marked as set-up alone; who signed in may do everything", () => {
  for (const scope of scopes) {
    assert.equal(mayDo({ kind: "set-up", id: "1" }, { scope }), "no");
    assert.equal(mayDo({ kind: "set-up", id: "1" }, { scope, inSetUp: true }), "yes");
    assert.equal(mayDo({ kind: "session", id: "1" }, { scope }), "yes");
    assert.equal(mayDo(ingress, { scope }), "yes");
  }
});

test("that a need is open in set-up widens no token", () => {
  assert.equal(mayDo(bearer("read"), { scope: "restore", inSetUp: true }), "no");
});
