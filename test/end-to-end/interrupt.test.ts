import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { bytesInProgress } from "#test/bytes-in-progress.ts";
import { damageHome } from "#test/damage-home.ts";
import { leftovers, stageFolders } from "#test/leftovers.ts";
import { Bench, describe, documentOf } from "#test/safehouse.ts";
import type { Outcome, Running } from "#test/safehouse.ts";
import { samePicture } from "#test/same-picture.ts";
import { pictureOf } from "#test/tree-picture.ts";

const mediaBytes = 60_000_000;

test("a backup that is interrupted leaves nothing behind", async () => {
  using bench = new Bench({ mediaBytes });
  await bench.json("backups", "new", "--folders", "media");
  const slugs = await slugsAt(bench);
  const before = pictureOf(bench.home);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const running = bench.start("backups", "new", "--folders", "media", "--json");
    const outcome = await interrupt(running, signal, () => bytesInProgress(bench) > 4_000_000);
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
  await bench.json("backups", "restore", slug, "--dry-run");
  samePicture(pictureOf(bench.home), before, "a dry run changes nothing");
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const running = bench.start("backups", "restore", slug);
    const outcome = await interrupt(running, signal, () => stageFolders(bench.home).length > 0);
    assert.equal(outcome.code, 130, describe(outcome));
    assert.match(outcome.err, /Cancelled|cancelled/);
    samePicture(pictureOf(bench.home), before);
    assert.deepEqual(stageFolders(bench.home), []);
    assert.deepEqual(leftovers(bench, [slug]), []);
  }
});

/** Sends a signal as soon as something is so. */
async function interrupt(
  { child, ended }: Running,
  signal: NodeJS.Signals,
  isSo: () => boolean,
): Promise<Outcome> {
  while (child.exitCode === null && !isSo()) await pause(5);
  child.kill(signal);
  return ended;
}

async function slugsAt(bench: Bench): Promise<string[]> {
  return (await bench.json("backups", "list")).list("backups").map((backup) => backup.text("slug"));
}
