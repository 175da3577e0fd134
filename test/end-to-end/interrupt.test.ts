import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { damageHome } from "#test/damage-home.ts";
import { leftovers, stageFolders } from "#test/leftovers.ts";
import { Bench, describe, documentOf } from "#test/safehouse.ts";
import { samePicture } from "#test/same-picture.ts";
import { pictureOf } from "#test/tree-picture.ts";

const mediaBytes = 60_000_000;

test("a backup that is interrupted leaves nothing behind", async () => {
  using bench = new Bench({ mediaBytes });
  // Also gets the reading of a database with a left-over log over with, which gives its folder a new time.
  const whole = await bench.run("backups", "new", "--folders", "media");
  const slugs = await slugsAt(bench);
  const before = pictureOf(bench.home);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const { child, ended } = bench.start("backups", "new", "--folders", "media", "--json");
    await pause(whole.took / 2);
    child.kill(signal);
    const outcome = await ended;
    assert.equal(outcome.code, 130, describe(outcome));
    assert.equal(documentOf(outcome).at("error", "problem"), "cancelled");
    assert.deepEqual(await slugsAt(bench), slugs);
    assert.deepEqual(leftovers(bench, slugs), []);
  }
  samePicture(pictureOf(bench.home), before);
});

test("a restore that is interrupted leaves the home as it was", async () => {
  using bench = new Bench({ mediaBytes });
  const slug = (await bench.json("backups", "new")).text("slug");
  damageHome(bench.home);
  const before = pictureOf(bench.home);
  const planned = await bench.run("backups", "restore", slug, "--dry-run");
  samePicture(pictureOf(bench.home), before, "a dry run changes nothing");
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const { child, ended } = bench.start("backups", "restore", slug);
    await pause(planned.took * 0.7);
    child.kill(signal);
    const outcome = await ended;
    assert.equal(outcome.code, 130, describe(outcome));
    assert.match(outcome.err, /Cancelled|cancelled/);
    samePicture(pictureOf(bench.home), before);
    assert.deepEqual(stageFolders(bench.home), []);
    assert.deepEqual(leftovers(bench, [slug]), []);
  }
});

async function slugsAt(bench: Bench): Promise<string[]> {
  return (await bench.json("backups", "list")).list("backups").map((backup) => backup.text("slug"));
}
