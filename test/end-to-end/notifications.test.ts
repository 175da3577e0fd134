import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { closedPort, recordingServer } from "#test/recording-server.ts";
import { Bench, describe, documentOf } from "#test/safehouse.ts";

test("a channel is added, tested, changed and removed, and its secrets are never seen", async (context) => {
  const server = await recordingServer(context);
  using bench = new Bench("no home");
  writeFileSync(`${bench.folder}/token`, "hunter2\n");
  const settings = ["--set", `url=${server.origin}`, "--from-file", "token=token"];
  const added = await bench.startPlain(
    "notifications",
    "add",
    "gotify",
    "--id",
    "phone",
    ...settings,
  ).ended;
  assert.equal(added.code, 0, describe(added));
  const tested = await bench.startPlain("notifications", "test", "phone").ended;
  assert.equal(tested.code, 0, describe(tested));
  assert.match(tested.out, new RegExp(`^127\\.0\\.0\\.1:${server.port} took a test message`, "u"));
  assert.equal(server.requests[0]?.headers["x-gotify-key"], "hunter2");
  const changed = await bench.json(
    "notifications",
    "change",
    "phone",
    "--event",
    "alert",
    "--set",
    "priority=9",
  );
  assert.deepEqual(changed.at("events"), ["alert"]);
  assert.deepEqual(changed.at("settings"), { url: server.origin, priority: "9" });
  assert.deepEqual(changed.at("secrets"), ["token"]);
  await bench.json("notifications", "test", "phone");
  assert.equal((JSON.parse(server.requests[1]?.body ?? "") as { priority: number }).priority, 9);
  const cleared = await bench.json("notifications", "change", "phone", "--set", "priority=");
  assert.deepEqual(cleared.at("settings"), { url: server.origin });
  const listed = await bench.run("notifications", "list");
  assert.match(
    listed.out,
    new RegExp(`^phone +gotify +.*alert +all +127\\.0\\.0\\.1:${server.port}$`, "mu"),
  );
  const said = [added, tested, listed].map(({ out, err }) => out + err).join("");
  assert.doesNotMatch(said + JSON.stringify(changed.value), /hunter2/u);
  assert.doesNotMatch(readFileSync(`${bench.dataDir}/settings.json`, "utf8"), /hunter2/u);
  await bench.json("notifications", "remove", "phone");
  assert.deepEqual((await bench.json("notifications", "list")).at("channels"), []);
});

test("a test that fails names the cause and ends with its exit code", async (context) => {
  const server = await recordingServer(context);
  server.answer = () => ({ status: 404 });
  using bench = new Bench("no home");
  bench.env["SAFEHOUSE_NOTIFY_URL"] = `${server.origin}/hunter2`;
  await bench.json("notifications", "add", "webhook");
  const refused = await bench.run("notifications", "test", "webhook", "--json");
  assert.equal(refused.code, 10);
  assert.match(documentOf(refused).text("error", "message"), /answered 404/u);
  bench.env["SAFEHOUSE_NOTIFY_URL"] = `http://127.0.0.1:${await closedPort()}/hunter2`;
  await bench.json("notifications", "change", "webhook");
  const dead = await bench.run("notifications", "test", "webhook");
  assert.equal(dead.code, 32);
  assert.match(dead.err, /refuses connections \(ECONNREFUSED\)/u);
  assert.doesNotMatch(refused.out + dead.err, /hunter2/u);
  assert.equal((await bench.run("notifications", "test", "other")).code, 10);
  assert.equal((await bench.run("notifications", "change", "other")).code, 10);
});

test("what is wrong is told once, and its end too", async (context) => {
  const server = await recordingServer(context);
  using bench = new Bench("no home");
  bench.env["SAFEHOUSE_NOTIFY_URL"] = `${server.origin}/topic`;
  await bench.json("notifications", "add", "ntfy");
  assert.match((await bench.run("alerts", "list")).out, /^No alert is open$/mu);
  writeFileSync(`${bench.dataDir}/keys.json`, "this is no key ring");
  const first = await bench.json("alerts", "check");
  assert.deepEqual(
    first.list("news").map((news) => [news.at("event"), news.at("alert", "id")]),
    [["opened", "state-unreadable:key%20ring"]],
  );
  await bench.json("alerts", "check");
  assert.match((await bench.run("alerts", "list")).out, /^error: The key ring cannot be read/mu);
  writeFileSync(`${bench.dataDir}/keys.json`, '{"version":1,"homes":{}}');
  await bench.json("alerts", "check");
  await bench.json("alerts", "check");
  assert.deepEqual((await bench.json("alerts", "list")).at("alerts"), []);
  const titles = server.requests.map(({ body }) => (JSON.parse(body) as { title: string }).title);
  assert.equal(titles.length, 2);
  assert.match(titles[0] ?? "", /^The key ring cannot be read/u);
  assert.match(titles[1] ?? "", /^No longer so: The key ring cannot be read/u);
  const log = (await bench.json("notifications", "log")).list("deliveries");
  assert.deepEqual(
    log.map((delivery) => [delivery.at("channel"), delivery.at("state"), delivery.at("event")]),
    [
      ["ntfy", "told", "recovered"],
      ["ntfy", "told", "alert"],
    ],
  );
});

test("what a channel could not be told waits, and the log says why", async (context) => {
  const server = await recordingServer(context);
  server.answer = () => ({ status: 503 });
  using bench = new Bench("no home");
  bench.env["SAFEHOUSE_NOTIFY_URL"] = `${server.origin}/topic`;
  await bench.json("notifications", "add", "ntfy");
  writeFileSync(`${bench.dataDir}/keys.json`, "this is no key ring");
  const told = await bench.run("alerts", "check");
  assert.equal(told.code, 0, describe(told));
  assert.match(told.err, /could not be told: 127\.0\.0\.1:\d+ answered 503/u);
  const [waiting] = (await bench.json("notifications", "log")).list("deliveries");
  assert.equal(waiting?.at("state"), "waiting");
  assert.match(waiting.text("error"), /answered 503/u);
});

test("a key whose kit nobody has shown is told a day after it was made, until it is shown", async () => {
  using bench = new Bench("no home");
  mkdirSync(bench.home);
  const id = (await bench.json("keys", "new")).text("id");
  assert.deepEqual((await bench.json("alerts", "check")).at("alerts"), []);
  const path = `${bench.dataDir}/keys.json`;
  const old = readFileSync(path, "utf8").replace(/"madeAt": "\d{4}/u, '"madeAt": "2020');
  writeFileSync(path, old);
  const [alert] = (await bench.json("alerts", "check")).list("alerts");
  assert.equal(alert?.at("id"), `key-unproven:${id}`);
  const kit = `${bench.folder}/kit.txt`;
  const written = await bench.run("keys", "kit", id, "--to", kit);
  assert.equal(written.code, 0, describe(written));
  await bench.json("keys", "prove", id, "--kit-file", kit);
  assert.deepEqual((await bench.json("alerts", "check")).at("alerts"), []);
});
