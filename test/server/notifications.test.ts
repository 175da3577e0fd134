import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { Bench } from "#test/safehouse.ts";
import { TestServer } from "#test/server.ts";

test("a channel is set up, tried out, changed and forgotten over the API, and never shows its secrets", async () => {
  const told: string[] = [];
  const receiver = createServer((request, response) => {
    void text(request).then((body) => {
      told.push(body);
      response.end();
    });
  }).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  try {
    using bench = new Bench();
    await using server = await TestServer.start(bench);
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/secret-path`;
    const added = await server.home("/notifications", {
      json: { id: "hook", kind: "webhook", settings: { url } },
    });
    assert.deepEqual(added.at("secrets"), ["url"]);
    await server.home("/notifications/hook/test", { json: {} });
    // It may have heard of an alert, too.
    assert.equal(told.filter((body) => body.includes('"test"')).length, 1);
    const changed = await server.home("/notifications/hook", {
      method: "PATCH",
      json: { name: "The hook" },
    });
    assert.equal(changed.at("name"), "The hook");
    const listed = await server.ask("/api/v1/homes/home/notifications");
    assert.doesNotMatch(listed.text, /secret-path/);
    await server.home("/notifications/hook", { method: "DELETE" });
    const gone = await server.ask("/api/v1/homes/home/notifications/hook/test", { json: {} });
    assert.equal(gone.status, 404);
  } finally {
    receiver.close();
  }
});
