import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesAny } from "./matches-any.ts";

test("a glob chooses an entry, what lies below it, and a bare name at any depth", () => {
  const matches = matchesAny(["automations.yaml", ".storage/**", "www/pictures"]);
  assert.ok(matches("data/automations.yaml"));
  assert.ok(matches("data/packages/automations.yaml"));
  assert.ok(matches("data/.storage/auth"));
  assert.ok(matches("data/www/pictures/a/b.jpg"));
  assert.ok(!matches("data/www/other.jpg"));
  assert.ok(!matches("data/configuration.yaml"));
});

test("the data folder may be named or left out", () => {
  assert.ok(matchesAny(["data/scripts.yaml"])("data/scripts.yaml"));
  assert.ok(matchesAny(["/scripts.yaml"])("data/scripts.yaml"));
  assert.ok(matchesAny(["model/*"])("model/big.bin"));
});
