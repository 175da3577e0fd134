import { strict as assert } from "node:assert";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { commandLine } from "#test/command-line.ts";
import { describe, JsonValue } from "#test/safehouse.ts";
import { ProductHome } from "#test/supervisor/product-home.ts";
import { ServedHome } from "#test/supervisor/served-home.ts";
import { serveSupervisor } from "#test/supervisor/serve-supervisor.ts";

/** What the rest of the program and clients of the Supervisor's API see of each other. */
async function json(home: Pick<ProductHome, "bench">, ...args: string[]): Promise<JsonValue> {
  const outcome = await commandLine(home.bench, [...args, "--json"]);
  assert.equal(outcome.code, 0, describe(outcome));
  return new JsonValue(JSON.parse(outcome.out));
}

test("what the command line makes and removes is listed at once, and told of as a job", async () => {
  await using home = await ProductHome.open();
  await using server = await serveSupervisor(home);
  assert.deepEqual((await server.call("GET", "/backups")).data["backups"], []);
  const made = await json(home, "backups", "new", "--folders", "ssl", "--location", "nas");
  const slug = made.text("slug");
  const { data } = await server.call("GET", `/backups/${slug}/info`);
  assert.deepEqual([data["location"], data["folders"]], ["nas", ["ssl"]]);
  const [job] = (await server.call("GET", "/jobs/info")).data["jobs"] as Record<string, unknown>[];
  assert.equal(job?.["name"], "backup_manager_partial_backup");
  const [folders] = job["child_jobs"] as Record<string, unknown>[];
  assert.deepEqual([folders?.["name"], folders?.["done"]], ["backup_store_folders", true]);
});

test("a backup has the file name and the extra fields that a client gave it", async () => {
  await using home = await ProductHome.open();
  await using server = await serveSupervisor(home);
  const wish = { folders: ["ssl"], filename: "Mine.tar", extra: { instance_id: "abc" } };
  const { data } = await server.call("POST", "/backups/new/partial", wish);
  assert.ok(existsSync(join(home.folderOf(".local"), "Mine.tar")));
  const info = await server.call("GET", `/backups/${String(data["slug"])}/info`);
  assert.equal((info.data["extra"] as Record<string, unknown>)["instance_id"], "abc");
  const twin = await server.call("POST", "/backups/new/partial", wish);
  assert.equal(twin.status, 400);
  assert.match(twin.message ?? "", /^There is a Mine.tar already/);
});

test("a place that has gone is answered for from memory, and a backup for it is refused as official servers do", async () => {
  await using home = await ProductHome.open();
  await using server = await serveSupervisor(home);
  const made = await json(home, "backups", "new", "--folders", "ssl", "--location", "nas");
  const slug = made.text("slug");
  assert.equal((await server.call("GET", `/backups/${slug}/info`)).status, 200);
  renameSync(home.folderOf("nas"), join(home.bench.folder, "away"));
  assert.equal((await server.call("POST", "/backups/reload")).status, 200);
  assert.equal((await server.call("GET", `/backups/${slug}/info`)).status, 200);
  const wish = { folders: ["ssl"], location: "nas" };
  const refused = await server.call("POST", "/backups/new/partial", wish);
  assert.deepEqual([refused.status, refused.message], [400, "Backup mount 'nas' is down"]);
  assert.equal(refused.error_key, "backup_mount_down");
});

test("a copy that does not arrive is the failure of its own job, and the backup is good", async () => {
  await using home = await ProductHome.open();
  await using server = await serveSupervisor(home);
  renameSync(home.folderOf("nas"), join(home.bench.folder, "away"));
  const wish = { folders: ["ssl"], location: [null, "nas"] };
  const made = await server.call("POST", "/backups/new/partial", wish);
  assert.equal(made.status, 200);
  const { data: job } = await server.call("GET", `/jobs/${String(made.data["job_id"])}`);
  assert.deepEqual(job["errors"], []);
  const copies = (job["child_jobs"] as Record<string, unknown>[]).find(
    ({ name }) => name === "backup_copy_to_additional_locations",
  );
  assert.ok(copies !== undefined);
  const [copy] = copies["child_jobs"] as Record<string, unknown>[];
  assert.equal(copy?.["reference"], "nas");
  assert.equal((copy["errors"] as unknown[]).length, 1);
});

test("a restore stops and starts Home Assistant by the commands that init saved", async () => {
  await using home = await ProductHome.open();
  await using server = await serveSupervisor(home);
  const diary = join(home.bench.folder, "diary");
  const say = (word: string): string => `echo ${word} >> '${diary}'`;
  await json(home, "init", "--stop-command", say("stop"), "--start-command", say("start"));
  const made = await server.call("POST", "/backups/new/partial", { folders: ["ssl"] });
  const path = `/backups/${String(made.data["slug"])}/restore/partial`;
  const intruder = await server.call("POST", path, { folders: ["ssl"], stopCommand: "reboot" });
  assert.equal(intruder.status, 400);
  assert.equal(existsSync(diary), false);
  assert.equal((await server.call("POST", path, { folders: ["ssl"] })).status, 200);
  assert.ok(existsSync(diary));
});

test("a home that runs is not restored, and whoever asks is told why, where nobody said how it is stopped", async () => {
  await using home = await ProductHome.open();
  await using server = await serveSupervisor(home);
  const made = await server.call("POST", "/backups/new/full", { name: "Full" });
  const config = join(home.folder, "config/configuration.yaml");
  writeFileSync(config, "changed: true\n");
  using recorder = new DatabaseSync(join(home.folder, "config/home-assistant_v2.db"));
  recorder.exec("BEGIN IMMEDIATE");
  const path = `/backups/${String(made.data["slug"])}/restore/full`;
  const refused = await server.call("POST", path, { background: true });
  assert.equal(refused.status, 400);
  assert.match(refused.message ?? "", /running|alive|open/i);
  assert.equal(readFileSync(config, "utf8"), "changed: true\n");
});

test("a home that is held lets no command make a backup, until it is let go", async () => {
  await using home = await ProductHome.open();
  await using server = await serveSupervisor(home);
  await server.call("POST", "/backups/freeze", { timeout: 3600 });
  const making = ["backups", "new", "--folders", "ssl", "--json"];
  const refused = await commandLine(home.bench, making);
  assert.match(refused.out, /"problem":"busy"/, describe(refused));
  await server.call("POST", "/backups/thaw");
  assert.equal((await commandLine(home.bench, making)).code, 0);
});

test("a hold ends after its time, and one of a year does not end at once", async () => {
  await using home = await ProductHome.open();
  await home.backups.freeze(0.05);
  while ((await home.backups.state()) === "freeze") await pause(10);
  await home.backups.freeze(365 * 86_400);
  assert.equal(await home.backups.state(), "freeze");
  assert.equal(await home.backups.thaw(), true);
});

test("a server that is killed holds nothing", async () => {
  await using home = await ServedHome.open();
  const headers = { Authorization: `Bearer ${home.token}` };
  const held = await fetch(`${home.url}/backups/freeze`, { method: "POST", headers });
  assert.equal(held.status, 200);
  await home.kill();
  const made = await commandLine(home.bench, ["backups", "new", "--folders", "ssl", "--json"]);
  assert.equal(made.code, 0, describe(made));
});

test("a token that may only read is refused by the server's own guard, in an envelope", async () => {
  await using home = await ServedHome.open();
  const token = (await json(home, "access", "tokens", "new", "reader")).text("token");
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(home.url + path, init);
    return [response.status, ((await response.json()) as { result?: string }).result];
  };
  const reader = { "X-Supervisor-Token": token };
  assert.deepEqual(await ask("/v2/backups", { headers: reader }), [200, "ok"]);
  const freeze = { method: "POST", headers: reader };
  assert.deepEqual(await ask("/backups/freeze", freeze), [403, "error"]);
  assert.deepEqual(await ask("/backups"), [401, "error"]);
  assert.deepEqual(await ask("/supervisor/ping"), [200, "ok"]);
});

test("settings of clients that nobody understands count as not chosen", async () => {
  await using home = await ProductHome.open();
  const path = join(home.bench.dataDir, "settings.json");
  const supervisor = { daysUntilStale: -1, ignoreConditions: "all", defaultMount: 7 };
  writeFileSync(path, JSON.stringify({ version: 1, homes: { home: { supervisor } } }));
  assert.equal(await home.backups.daysUntilStale(), 30);
  assert.deepEqual(await home.jobs.ignoredConditions(), []);
  assert.equal((await home.mounts.list()).defaultMount, undefined);
});
