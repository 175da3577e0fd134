import assert from "node:assert/strict";
import { test } from "node:test";
import { Bench } from "#test/safehouse.ts";
import { TestServer } from "#test/server.ts";

const home = "/api/v1/homes/home";

test("settings come out and go in again over the API, but for commands that a shell would run", async () => {
  using bench = new Bench();
  await bench.json("init", "--stop-command", "true");
  await bench.json("plans", "new", "nightly", "--daily", "03:00", "--location", "backup");
  await using server = await TestServer.start(bench);
  const exported = (await server.home("/settings/export", { json: {} })).value as {
    readonly document: { readonly settings: Readonly<Record<string, unknown>> };
  };
  await server.home("/plans/nightly", { method: "DELETE" });
  const back = await server.home("/settings/import", { json: { document: exported.document } });
  assert.deepEqual(
    back.list("changes").map((change) => change.text("setting")),
    ["plans"],
  );
  const settings = { ...exported.document.settings, service: { stopCommand: "touch /tmp/owned" } };
  const refused = await server.ask(`${home}/settings/import`, {
    json: { document: { version: 1, settings } },
  });
  assert.equal(refused.status, 403, refused.text);
  const checked = await server.home("/alerts/check", { json: {} });
  assert.ok(Array.isArray(checked.at("news")));
});
