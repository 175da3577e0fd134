import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { damageHome } from "#test/damage-home.ts";
import { Bench, describe, documentOf } from "#test/safehouse.ts";
import { samePicture } from "#test/same-picture.ts";
import { pictureOf } from "#test/tree-picture.ts";

test("a backup of a newer Home Assistant is refused, and both versions are named", async () => {
  using bench = new Bench({ version: "2026.9.0" });
  const slug = (await bench.json("backups", "new")).text("slug");
  writeFileSync(`${bench.home}/config/.HA_VERSION`, "2026.8.3");
  const before = pictureOf(bench.home);
  const outcome = await bench.run("backups", "restore", slug, "--json");
  assert.equal(outcome.code, 42, describe(outcome));
  const error = documentOf(outcome);
  assert.equal(error.at("error", "problem"), "newer-version");
  assert.match(error.text("error", "message"), /2026\.9\.0.*2026\.8\.3/);
  samePicture(pictureOf(bench.home), before);
  await bench.json("backups", "restore", slug, "--folders", "ssl");
});

test("a dry run names what would change and changes nothing", async () => {
  using bench = new Bench();
  const slug = (await bench.json("backups", "new")).text("slug");
  damageHome(bench.home);
  const before = pictureOf(bench.home);
  const plan = await bench.json("backups", "restore", slug, "--dry-run");
  samePicture(pictureOf(bench.home), before);
  const config = plan.list("plan", "parts").find((part) => part.at("part") === "homeassistant");
  const named = (what: string): unknown[] => config?.list(what).map(({ value }) => value) ?? [];
  assert.ok(named("added").includes(".storage/auth"));
  assert.ok(named("replaced").includes("automations.yaml"));
  assert.ok(named("removed").includes("new folder"));
  assert.ok(named("carriedOver").includes("backups/older.tar"));
  const text = (await bench.run("backups", "restore", slug, "--dry-run")).out;
  for (const line of ["+ .storage/auth", "~ automations.yaml", "- new folder"])
    assert.ok(text.includes(line), text);
});

test("of two backups at once the one that is not to wait is told who is at work", async () => {
  using bench = new Bench({ mediaBytes: 80_000_000 });
  const first = bench.start("backups", "new", "--json");
  const seconds = [];
  while (first.child.exitCode === null && seconds.at(-1)?.code !== 40)
    seconds.push(await bench.run("backups", "new", "--folders", "ssl", "--no-queue", "--json"));
  const second = seconds.at(-1);
  const done = await first.ended;
  // Before the first has begun, the second may be quicker; then it is the first that is told.
  const busy = done.code === 40 ? done : second;
  assert.ok(busy !== undefined && [done, ...seconds].some(({ code }) => code === 0));
  assert.equal(busy.code, 40, describe(busy));
  assert.equal(documentOf(busy).at("error", "problem"), "busy");
  if (busy !== done) assert.equal(documentOf(busy).at("error", "facts", "pid"), first.child.pid);
});

test("every cause has its own exit code and problem", async () => {
  using bench = new Bench();
  writeFileSync(`${bench.folder}/key`, "right password\n");
  writeFileSync(`${bench.folder}/wrong`, "wrong password\n");
  const key = ["--password-file", `${bench.folder}/key`];
  const made = await bench.json("backups", "new", ...key);
  const good = `${bench.location}/${made.text("fileName")}`;
  const folder = `${bench.folder}/archives`;
  mkdirSync(folder);
  const copy = (name: string, change: (path: string) => void): string => {
    const path = `${folder}/${name}.tar`;
    copyFileSync(good, path);
    change(path);
    return path;
  };
  const truncated = copy("truncated", (path) => truncateSync(path, 300_000));
  const altered = copy("altered", (path) => change(path, 200_000, (byte) => byte ^ 1));
  const newer = copy("newer", (path) =>
    change(path, readFileSync(path).indexOf("SecureTar") + 9, () => 9),
  );
  const other = copy("other", (path) => writeFileSync(path, "no backup at all"));
  const wrong = ["--password-file", `${bench.folder}/wrong`];
  const cases = [
    { problem: "wrong-password", code: 20, path: good, flags: wrong },
    { problem: "password-needed", code: 21, path: good, flags: [] },
    { problem: "damaged", code: 22, path: altered, flags: key },
    { problem: "truncated", code: 23, path: truncated, flags: key },
    { problem: "not-a-backup", code: 24, path: other, flags: key },
    { problem: "unknown-version", code: 25, path: newer, flags: key },
    { problem: "not-found", code: 10, path: `${folder}/nothing.tar`, flags: key },
  ];
  const before = pictureOf(bench.home);
  const messages = new Set<string>();
  for (const { problem, code, path, flags } of cases) {
    const restore = await bench.run("backups", "restore", path, ...flags, "--json");
    assert.equal(restore.code, code, `${problem}: ${describe(restore)}`);
    assert.equal(documentOf(restore).at("error", "problem"), problem);
    messages.add(documentOf(restore).text("error", "message").replaceAll(path, "FILE"));
    const extract = await bench.run(
      "archive",
      "extract",
      path,
      "--to",
      `${bench.folder}/${problem}`,
      ...flags,
    );
    assert.equal(extract.code, code, `${problem}: ${describe(extract)}`);
  }
  assert.equal(messages.size, cases.length, "every cause has a message of its own");
  samePicture(pictureOf(bench.home), before);
});

function change(path: string, at: number, how: (byte: number) => number): void {
  const bytes = readFileSync(path);
  bytes[at] = how(bytes[at] ?? 0);
  writeFileSync(path, bytes);
}
