import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { damageHome } from "#test/damage-home.ts";
import { leftovers, stageFolders } from "#test/leftovers.ts";
import { loops } from "#test/loops.ts";
import { Bench } from "#test/safehouse.ts";
import { samePicture } from "#test/same-picture.ts";
import { pictureOf } from "#test/tree-picture.ts";

const kills = loops(3);
const mediaBytes = 12_000_000;

test("a backup that is killed leaves nothing behind, and nothing half is listed", async () => {
  using bench = new Bench({ mediaBytes });
  const before = pictureAfterReading(bench.home);
  const first = await bench.run("backups", "new", "--json");
  const slugs = await slugsAt(bench);
  for (let kill = 0; kill < kills; kill += 1) {
    await killAfter(bench, ["backups", "new"], moment(kill, first.took));
    const now = await slugsAt(bench);
    assert.deepEqual(now.slice(-slugs.length), slugs.slice(-slugs.length), "what was there stays");
    await bench.json("restore", "status");
    assert.deepEqual(leftovers(bench, now), []);
    assert.equal(bench.archives().length, now.length);
    slugs.splice(0, slugs.length, ...now);
  }
  samePicture(pictureAfterReading(bench.home), before);
  await bench.json("backups", "new");
  for (const slug of slugs)
    assert.equal((await bench.json("backups", "verify", slug)).at("verdict"), "proven");
});

test("a restore or an undo that is killed ends in the old state or the new one", async () => {
  using bench = new Bench({ mediaBytes });
  const service = new Service(bench);
  const slug = (await bench.json("backups", "new")).text("slug");
  damageHome(bench.home);
  const old = wholePicture(bench.home);
  const restore = ["backups", "restore", slug, ...service.flags];
  const undo = ["restore", "undo", ...service.flags];
  const restored = await bench.run(...restore);
  const fresh = wholePicture(bench.home);
  const undone = await bench.run(...undo);
  samePicture(wholePicture(bench.home), old);
  assert.equal(restored.code, 0, restored.err);

  for (let kill = 0; kill < kills; kill += 1) {
    await killAfter(bench, restore, moment(kill, restored.took));
    const isFresh = await whichOf(bench, { old, fresh });
    service.mustRun();
    if (!isFresh) {
      assert.deepEqual(leftovers(bench, [slug]), []);
      assert.deepEqual(stageFolders(bench.home), []);
      await bench.json(...restore);
    }
    await killAfter(bench, undo, moment(kills - kill - 1, undone.took));
    const stillFresh = await whichOf(bench, { old, fresh });
    service.mustRun();
    if (stillFresh) await bench.json(...undo);
    samePicture(pictureOf(bench.home), pictureOf(bench.home, isStage), "no stage is left");
    samePicture(wholePicture(bench.home), old);
    assert.deepEqual(leftovers(bench, [slug]), []);
  }
});

/** Something that is to be stopped while a home is swapped; it runs when its file is there. */
class Service {
  readonly flags: readonly string[];
  readonly #file: string;

  constructor(bench: Bench) {
    this.#file = `${bench.folder}/service-runs`;
    writeFileSync(this.#file, "");
    const stop = `rm '${this.#file}'`;
    this.flags = ["--stop-command", stop, "--start-command", `touch '${this.#file}'`];
  }

  mustRun(): void {
    assert.ok(existsSync(this.#file), "the service was started again");
  }
}

/** Whether the home is the new one; it must be one of the two, after the command that looks at it. */
async function whichOf(
  bench: Bench,
  { old, fresh }: { readonly old: string[]; readonly fresh: string[] },
): Promise<boolean> {
  const status = await bench.json("restore", "status");
  const now = wholePicture(bench.home);
  const isFresh = status.at("undo") !== null;
  samePicture(now, isFresh ? fresh : old, `after ${JSON.stringify(status.at("recovered"))}`);
  return isFresh;
}

async function killAfter(bench: Bench, args: readonly string[], delay: number): Promise<void> {
  const { child, ended } = bench.start(...args);
  await pause(delay);
  child.kill("SIGKILL");
  await ended;
}

/** Moments spread over a run, each somewhere in its own stretch of it. */
function moment(kill: number, took: number): number {
  return ((kill + Math.random()) / kills) * took;
}

async function slugsAt(bench: Bench): Promise<string[]> {
  const listing = await bench.json("backups", "list");
  assert.deepEqual(listing.at("others"), []);
  return listing.list("backups").map((backup) => {
    assert.deepEqual(backup.at("problems"), []);
    return backup.text("slug");
  });
}

/** SQLite makes an index beside a database whose log was left over, and so gives the folder a new time. */
function pictureAfterReading(home: string): string[] {
  const picture = pictureOf(home, (path) => path.endsWith(".db-shm"));
  return picture.filter((line) => !line.startsWith('"config" '));
}

function wholePicture(home: string): string[] {
  return pictureOf(home, isStage);
}

function isStage(path: string): boolean {
  return /(^|\/)\.safehouse$/.test(path);
}
