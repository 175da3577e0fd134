// Cases that need small file systems; each runs by itself below `unshare --mount`.
import assert from "node:assert/strict";
import { execFileSync, type ChildProcess } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { leftovers, stageFolders } from "./leftovers.ts";
import { Bench, describe, documentOf } from "./safehouse.ts";
import type { JsonValue, Outcome } from "./safehouse.ts";
import { samePicture } from "./same-picture.ts";
import { TestServer } from "./server.ts";
import { pictureOf } from "./tree-picture.ts";

const megabyte = 1024 * 1024;
/** What a location leaves free, in megabytes. */
const reserve = 256;

const cases: Readonly<Record<string, (bench: Bench) => Promise<void>>> = {
  async refused(bench) {
    mountSmall(bench.location, reserve + 2);
    const outcome = await bench.run("backups", "new", "--folders", "media", "--json");
    mustBeRefused(outcome);
    assert.deepEqual(readdirSync(bench.location), []);
    const text = await bench.run("backups", "new", "--folders", "media");
    assert.match(text.err, /at least \d+ MB .* only [\d.]+ MB free/);
  },

  async fillsUp(bench) {
    mountSmall(bench.location, reserve + 20);
    // Something else takes the room that there was when the backup began.
    const first = await bench.json("backups", "new", "--folders", "ssl");
    const slug = first.text("slug");
    const { child, ended } = bench.start("backups", "new", "--folders", "media", "--json");
    const filler = `${bench.location}/something else`;
    while (child.exitCode === null && !isWriting(bench)) await new Promise(setImmediate);
    takeAllBut(3 * megabyte, filler, child);
    const outcome = await ended;
    assert.equal(outcome.code, 30, describe(outcome));
    assert.equal(documentOf(outcome).at("error", "problem"), "no-space");
    rmSync(filler);
    assert.deepEqual(leftovers(bench, [slug]), []);
    const listed = (await bench.json("backups", "list")).list("backups");
    assert.deepEqual(
      listed.map((backup) => backup.at("slug")),
      [slug],
    );
  },

  async copyRefused(bench) {
    const nas = addNas(bench);
    mountSmall(nas, reserve + 4);
    const copy = await copyThatFails(bench, nas);
    assert.equal(copy.at("error", "problem"), "no-space");
    assert.match(
      copy.text("error", "message"),
      /needs \d+ bytes of free space, .* but only \d+ are free/,
    );
    assert.deepEqual(filesOf(nas), []);
  },

  async copyFillsUp(bench) {
    const nas = addNas(bench);
    mountSmall(nas, reserve + 40);
    const { child, ended } = bench.start(
      "backups",
      "new",
      "--folders",
      "media",
      ...both(bench, nas),
    );
    const isAtWork = (): boolean => readdirSync(nas).some((name) => name.endsWith(".tmp"));
    while (child.exitCode === null && !isAtWork()) await new Promise(setImmediate);
    takeAllBut(megabyte, `${nas}/something else`, child);
    mustLackCopy(await ended, nas);
    rmSync(`${nas}/something else`);
    assert.deepEqual(filesOf(nas), []);
    assert.equal((await bench.json("backups", "list")).list("backups").length, 1);
  },

  async copyReadOnly(bench) {
    const nas = addNas(bench);
    execFileSync("mount", ["-t", "tmpfs", "-o", "ro", "none", nas]);
    const copy = await copyThatFails(bench, nas);
    assert.equal(copy.at("error", "problem"), "read-only");
    assert.deepEqual(readdirSync(nas), []);
  },

  async restoreRefused(bench) {
    const slug = (await bench.json("backups", "new", "--folders", "media")).text("slug");
    rmSync(`${bench.home}/media`, { recursive: true });
    execFileSync("mkdir", [`${bench.home}/media`]);
    mountSmall(`${bench.home}/media`, 4);
    writeFileSync(`${bench.home}/media/mine`, "mine");
    const before = pictureOf(bench.home);
    mustBeRefused(await bench.run("backups", "restore", slug, "--json"));
    samePicture(pictureOf(bench.home), before);
  },

  async restoreFillsUp(bench) {
    const slug = (await bench.json("backups", "new", "--folders", "media")).text("slug");
    rmSync(`${bench.home}/media`, { recursive: true });
    execFileSync("mkdir", [`${bench.home}/media`]);
    mountSmall(`${bench.home}/media`, 20);
    writeFileSync(`${bench.home}/media/mine`, "mine");
    const { child, ended } = bench.start("backups", "restore", slug, "--json");
    while (child.exitCode === null && stageFolders(`${bench.home}/media`).length === 0)
      await new Promise(setImmediate);
    takeAllBut(3 * megabyte, `${bench.home}/media/mine`, child);
    const outcome = await ended;
    assert.equal(outcome.code, 30, describe(outcome));
    assert.deepEqual(stageFolders(bench.home), []);
    assert.deepEqual(readdirSync(`${bench.home}/media`), ["mine"]);
  },

  async serverRefused(bench) {
    mkdirSync(bench.dataDir);
    mountSmall(bench.dataDir, 1);
    fill(bench.dataDir);
    const outcome = await bench.run("serve", "--port", "0");
    assert.equal(outcome.code, 30, describe(outcome));
    assert.match(outcome.err, /disk is full/);
    rmSync(`${bench.dataDir}/something else`);
    await using server = await TestServer.start(bench);
    assert.equal((await server.ask("/healthz")).status, 200);
  },

  async serverGoesOn(bench) {
    mkdirSync(bench.dataDir);
    mountSmall(bench.dataDir, 4);
    await using server = await TestServer.start(bench);
    await server.run("/backups", { folders: ["ssl"], homeassistant: false });
    fill(bench.dataDir);
    const key = await server.ask("/api/v1/homes/home/keys", { json: {} });
    assert.deepEqual([key.status, key.json.at("problem")], [507, "no-space"], key.text);
    const backup = await server.ask("/api/v1/homes/home/backups", { json: {} });
    assert.notEqual(backup.status, 500, backup.text);
    for (const path of ["/info", "/backups", "/runs", "/keys", "/restore"])
      assert.equal((await server.ask(`/api/v1/homes/home${path}`)).status, 200, path);
    rmSync(`${bench.dataDir}/something else`);
    await server.home("/keys", { json: {} });
    assert.equal((await server.run("/backups")).at("state"), "done");
    assert.doesNotMatch(server.said, /Fault|fault/);
  },
};

/** Leaves not a byte on the file system of a folder. */
function fill(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  execFileSync("fallocate", ["-l", String(bavail * bsize), `${folder}/something else`]);
}

function addNas({ folder }: Bench): string {
  mkdirSync(`${folder}/nas`);
  return `${folder}/nas`;
}

function both({ location }: Bench, nas: string): string[] {
  return ["--location", location, "--location", nas, "--json"];
}

async function copyThatFails(bench: Bench, nas: string): Promise<JsonValue> {
  return mustLackCopy(
    await bench.run("backups", "new", "--folders", "media", ...both(bench, nas)),
    nas,
  );
}

/** What came of the second copy, while the first is good. */
function mustLackCopy(outcome: Outcome, nas: string): JsonValue {
  assert.equal(outcome.code, 3, describe(outcome));
  const [here, there] = documentOf(outcome).list("copies");
  assert.equal(here?.at("state"), "verified");
  assert.deepEqual([there?.at("location"), there?.at("state")], [nas, "missing"]);
  assert.ok(there !== undefined);
  return there;
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (name) => name !== ".safehouse",
  );
}

function mountSmall(path: string, megabytes: number): void {
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "none", path]);
  const { bavail, bsize } = statfsSync(path);
  assert.ok(bavail * bsize <= megabytes * megabyte);
}

function mustBeRefused(outcome: Outcome): void {
  assert.equal(outcome.code, 30, describe(outcome));
  const error = documentOf(outcome);
  assert.equal(error.at("error", "problem"), "no-space");
  const [needed, free] = ["neededBytes", "freeBytes"].map((name) =>
    Number(error.at("error", "facts", name)),
  );
  assert.ok(needed !== undefined && free !== undefined && free < needed, describe(outcome));
  assert.ok(free > 0 && free <= 4 * megabyte, describe(outcome));
}

/** Fills the file system of a file with that file, while the process that writes there stands still. */
function takeAllBut(bytes: number, path: string, writer: ChildProcess): void {
  writer.kill("SIGSTOP");
  while (/^State:\s+T/mu.exec(readFileSync(`/proc/${writer.pid}/status`, "utf8")) === null);
  const { bavail, bsize } = statfsSync(dirname(path));
  execFileSync("fallocate", ["-l", String(bavail * bsize - bytes), path]);
  writer.kill("SIGCONT");
}

function isWriting(bench: Bench): boolean {
  return readdirSync(bench.location).some((name) => name.endsWith(".tmp"));
}

// Without this, mounts made here would show up outside.
execFileSync("mount", ["--make-rprivate", "/"]);
const bench = new Bench({ mediaBytes: 15 * megabyte });
try {
  await cases[process.argv[2] ?? ""]?.(bench);
} finally {
  spawnUnmount(bench);
  bench[Symbol.dispose]();
}

function spawnUnmount({ folder, location, home, dataDir }: Bench): void {
  for (const path of [location, dataDir, `${folder}/nas`, `${home}/media`].filter(existsSync)) {
    if (statfsSync(path).type === 0x01021994) execFileSync("umount", ["--lazy", path]);
  }
}
