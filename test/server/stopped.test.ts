import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { bytesInProgress } from "#test/bytes-in-progress.ts";
import { damageHome } from "#test/damage-home.ts";
import { leftovers, stageFolders } from "#test/leftovers.ts";
import { Bench } from "#test/safehouse.ts";
import { samePicture } from "#test/same-picture.ts";
import { processesOf, TestServer } from "#test/server.ts";
import { pictureOf } from "#test/tree-picture.ts";

const mediaBytes = 60_000_000;
const events = "/api/v1/homes/home/events";

for (const [how, signal, group] of [
  ["SIGTERM", "SIGTERM", false],
  ["Ctrl-C", "SIGINT", true],
] as const) {
  test(`${how} ends a server in the middle of a backup, and nothing of it stays`, async () => {
    using bench = new Bench({ mediaBytes });
    await using server = await TestServer.start(bench);
    const slug = (await server.run("/backups", ssl)).text("backup", "slug");
    const id = (await server.home("/backups", { json: {} })).text("run");
    while (bytesInProgress(bench) < 4_000_000) await pause(5);
    assert.equal(await server.stop(signal, group), 0, server.said);
    assert.deepEqual(processesOf(bench), []);
    assert.equal(existsSync(`${bench.dataDir}/server.json`), false);
    assert.deepEqual(leftovers(bench, [slug]), []);
    await using next = await TestServer.start(bench);
    assert.equal((await next.home(`/runs/${id}`)).at("state"), "cancelled");
    assert.deepEqual(
      (await next.home("/backups")).list("backups").map((backup) => backup.at("slug")),
      [slug],
    );
  });

  test(`${how} ends a server in the middle of a restore, and the home stays as it was`, async () => {
    using bench = new Bench({ mediaBytes });
    await using server = await TestServer.start(bench);
    const slug = (await server.run("/backups")).text("backup", "slug");
    damageHome(bench.home);
    const before = pictureOf(bench.home);
    await server.home(`/backups/${slug}/restore`, { json: { stopped: true } });
    while (stageFolders(bench.home).length === 0) await pause(5);
    assert.equal(await server.stop(signal, group), 0, server.said);
    assert.deepEqual(processesOf(bench), []);
    samePicture(pictureOf(bench.home), before);
    assert.deepEqual(stageFolders(bench.home), []);
  });
}

test("nobody who watches or has stopped sending keeps a server from ending", async (context) => {
  using bench = new Bench();
  await using server = await TestServer.start(bench);
  await fetch(server.url + events, { headers: { Authorization: `Bearer ${server.token}` } });
  const upload = unlessStopped(stuckUpload(server));
  while (incoming(bench).length === 0) await pause(5);
  const started = performance.now();
  assert.equal(await server.stop("SIGTERM"), 0, server.said);
  context.diagnostic(`ended after ${Math.round(performance.now() - started)} ms`);
  await upload;
  assert.deepEqual(processesOf(bench), []);
  assert.deepEqual(incoming(bench), []);
});

test("a second server of the same data directory is refused, and the first goes on", async () => {
  using bench = new Bench();
  await using server = await TestServer.start(bench);
  const second = await bench.run("serve", "--port", "0");
  assert.equal(second.code, 40, second.err);
  assert.match(second.err, new RegExp(`A server has been running in process ${server.pid} since `));
  assert.equal((await server.ask("/healthz")).status, 200);
  assert.equal(existsSync(`${bench.dataDir}/server.json`), true);
});

test("a port that is taken, or is none, is named with what to do", async () => {
  using bench = new Bench();
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as AddressInfo;
  const taken = await bench.run("serve", "--port", String(port));
  other.close();
  assert.equal(taken.code, 40, taken.err);
  assert.match(taken.err, new RegExp(`Another program listens on 127\\.0\\.0\\.1, port ${port}`));
  assert.match(taken.err, /--port/);
  assert.equal((await bench.run("serve", "--port", "eighty")).code, 2);
  assert.equal((await bench.run("serve", "--host", "192.0.2.1", "--port", "0")).code, 2);
  assert.deepEqual(leftovers(bench, []), [], "the lease was given back");
});

test("a data directory that cannot be written is named", async () => {
  using bench = new Bench();
  writeFileSync(`${bench.folder}/file`, "");
  const below = await bench.run("serve", "--port", "0", "--data-dir", `${bench.folder}/file/data`);
  assert.notEqual(below.code, 1, below.err);
  assert.match(below.err, /file\/data/);
  if (process.getuid?.() === 0) return;
  mkdirSync(`${bench.folder}/closed`);
  chmodSync(`${bench.folder}/closed`, 0o500);
  const closed = await bench.run("serve", "--port", "0", "--data-dir", `${bench.folder}/closed`);
  assert.equal(closed.code, 31, closed.err);
  assert.match(closed.err, /closed/);
});

const ssl = { folders: ["ssl"], homeassistant: false };

/** Files that somebody is sending. */
function incoming({ location }: Bench): string[] {
  const folder = `${location}/.safehouse/incoming`;
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** An upload that sends some bytes and then no more. */
function stuckUpload(server: TestServer): Promise<Response> {
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new Uint8Array(1000)),
  });
  return fetch(`${server.url}/api/v1/homes/home/backups/upload?filename=stuck.tar`, {
    method: "POST",
    headers: { Authorization: `Bearer ${server.token}` },
    body,
    duplex: "half",
  });
}

async function unlessStopped(asked: Promise<unknown>): Promise<void> {
  await asked.catch((error: unknown) => {
    if (!/fetch failed|terminated/.test(String(error))) throw error;
  });
}
