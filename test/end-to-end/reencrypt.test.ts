import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { leftovers } from "#test/leftovers.ts";
import { loops } from "#test/loops.ts";
import { Bench, describe, documentOf } from "#test/safehouse.ts";

async function rotated(bench: Bench): Promise<string> {
  return (await bench.json("keys", "rotate")).text("id");
}

test("a backup is encrypted with another key, proven, and opened by that key alone", async () => {
  using bench = new Bench();
  await bench.json("keys", "new");
  const made = await bench.json("backups", "new", "--rule", "*.mp4");
  const slug = made.text("slug");
  const next = await rotated(bench);
  const done = await bench.json("keys", "reencrypt", slug);
  const file = made.text("fileName").replace(/\.tar$/, `.key-${next}.tar`);
  assert.deepEqual(done.at("backups"), [{ slug, file, status: "reencrypted" }]);
  assert.deepEqual(bench.archives(), [file]);
  const path = `${bench.location}/${file}`;
  assert.equal((await bench.json("keys", "match", path)).at("key", "id"), next);
  const verified = await bench.json("backups", "verify", slug);
  assert.deepEqual([verified.at("verdict"), verified.at("indexed")], ["proven", true]);
  const listed = (await bench.json("archive", "list", path, "ssl"))
    .list()
    .map((one) => one.at("path"));
  assert.ok(listed.includes("privkey.pem"));
  // The rules that were in force are sealed with the key; a restore must still know them.
  const plan = await bench.json("backups", "restore", slug, "--dry-run");
  const media = plan.list("plan", "parts").find((part) => part.at("part") === "media");
  assert.deepEqual(media?.at("carriedOver"), ["film.mp4"]);
  const [old = ""] = (await bench.json("keys", "list")).list("keys").map((key) => key.text("id"));
  await bench.json("keys", "remove", old);
});

test("all backups are encrypted anew, whatever they were encrypted with; plain ones stay plain", async () => {
  using bench = new Bench();
  const given = `${bench.folder}/given`;
  writeFileSync(given, "given\n");
  const make = (...flags: readonly string[]) =>
    bench.json("backups", "new", "--folders", "ssl", ...flags);
  await make("--no-encryption");
  await bench.json("keys", "new");
  await make();
  await make("--securetar", "2");
  await make("--password-file", given, "--uncompressed");
  const next = await rotated(bench);
  await make();
  const first = await bench.run("keys", "reencrypt", "--all", "--json");
  assert.equal(first.code, 3, describe(first));
  const stayed = documentOf(first)
    .list("backups")
    .filter((one) => one.at("error") !== undefined);
  assert.deepEqual(
    stayed.map((one) => one.at("error", "problem")),
    ["password-needed"],
  );
  const second = await bench.json("keys", "reencrypt", "--all", "--password-file", given);
  const states = second.list("backups").map((one) => one.text("status"));
  assert.deepEqual(states, ["current", "reencrypted", "current", "current", "plain"]);
  for (const name of bench.archives()) {
    const matched = await bench.json("keys", "match", `${bench.location}/${name}`);
    assert.equal(matched.at("key", "id"), matched.at("encrypted") === true ? next : undefined);
  }
  const { code } = await bench.run("backups", "verify", "--all");
  assert.equal(code, 0);
  const third = await bench.json("keys", "reencrypt", "--all");
  assert.ok(third.list("backups").every((one) => one.text("status") !== "reencrypted"));
});

test("what would be lost or cannot be proven keeps its old archive", async () => {
  using bench = new Bench();
  await bench.json("keys", "new");
  writeFileSync(`${bench.home}/ssl/large`, "large ".repeat(50_000));
  const flags = ["--folders", "ssl", "--securetar", "2", "--uncompressed"];
  await bench.json("backups", "new", ...flags);
  const [name = ""] = bench.archives();
  const path = `${bench.location}/${name}`;
  const bytes = readFileSync(path);
  await rotated(bench);

  const damaged = Buffer.from(bytes);
  // In the middle of the large file, where the encryption notices nothing.
  const at = bytes.length >> 1;
  damaged[at] = (damaged[at] ?? 0) ^ 1;
  writeFileSync(path, damaged);
  const unproven = await bench.run("keys", "reencrypt", name, "--json");
  assert.equal(documentOf(unproven).at("error", "problem"), "damaged", describe(unproven));
  assert.match(documentOf(unproven).text("error", "message"), /could not be proven.*large/);
  assert.deepEqual(bench.archives(), [name]);
  assert.deepEqual(readFileSync(path), damaged);

  writeFileSync(path, bytes);
  writeFileSync(`${bench.folder}/mine.txt`, "mine");
  const added = spawnSync("tar", ["-rf", path, "-C", bench.folder, "mine.txt"]);
  assert.equal(added.status, 0, String(added.stderr));
  const stranger = await bench.run("keys", "reencrypt", name, "--json");
  assert.equal(documentOf(stranger).at("error", "problem"), "unsupported", describe(stranger));
  assert.match(documentOf(stranger).text("error", "message"), /mine\.txt/);
  assert.deepEqual(bench.archives(), [name]);
});

test("a file of another backup that has the new name already is left alone", async () => {
  using bench = new Bench();
  await bench.json("keys", "new");
  const one = await bench.json("backups", "new", "--folders", "ssl");
  const next = await rotated(bench);
  const other = await bench.json("backups", "new", "--folders", "ssl");
  const name = one.text("fileName").replace(/\.tar$/, `.key-${next}.tar`);
  const bytes = readFileSync(`${bench.location}/${other.text("fileName")}`);
  writeFileSync(`${bench.location}/${name}`, bytes);
  const outcome = await bench.run("keys", "reencrypt", one.text("slug"), "--json");
  assert.equal(documentOf(outcome).at("error", "problem"), "already-exists", describe(outcome));
  assert.deepEqual(readFileSync(`${bench.location}/${name}`), bytes);
  assert.ok(bench.archives().includes(one.text("fileName")));
});

test("whenever it is killed, a proven archive is there, and the next run takes it up", async () => {
  using bench = new Bench({ mediaBytes: 12_000_000 });
  await bench.json("keys", "new");
  const slug = (await bench.json("backups", "new", "--securetar", "2")).text("slug");
  await rotated(bench);
  const { took } = await bench.run("keys", "reencrypt", "--all");
  const kills = loops(3);
  for (let kill = 0; kill < kills; kill += 1) {
    await rotated(bench);
    const { child, ended } = bench.start("keys", "reencrypt", "--all");
    await pause(((kill + Math.random()) / kills) * took);
    child.kill("SIGKILL");
    await ended;
    const { backups } = (await bench.json("backups", "verify", "--all")).value as {
      readonly backups: readonly { readonly slug: string; readonly verdict: string }[];
    };
    assert.ok(backups.length === 1 || backups.length === 2);
    for (const backup of backups) assert.deepEqual([backup.slug, backup.verdict], [slug, "proven"]);
    await bench.json("keys", "reencrypt", "--all");
    assert.equal(bench.archives().length, 1);
    assert.deepEqual(leftovers(bench, [slug]), []);
  }
  await bench.json("backups", "restore", slug, "--dry-run");
});
