import assert from "node:assert/strict";
import { copyFileSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { Bench } from "#test/safehouse.ts";

const count = 2000;

test("a list of 2,000 backups reads no archive twice, and sees what came, went and changed", async () => {
  using bench = new Bench();
  const made = await bench.json("backups", "new", "--folders", "ssl", "--no-verify");
  const model = readFileSync(`${bench.location}/${made.text("fileName")}`);
  rmSync(`${bench.location}/${made.text("fileName")}`);
  for (let number = 0; number < count; number += 1) addArchive(bench, model, number);
  assert.equal(await listed(bench), count);

  // Same size, same times: only whoever opens the file can see that it is no backup any more.
  for (let number = 0; number < count; number += 1) ruin(bench, number, model.length);
  assert.equal(await listed(bench), count, "nothing was read again");

  rmSync(pathOf(bench, 0));
  addArchive(bench, model, count);
  addArchive(bench, model, count + 1);
  copyFileSync(pathOf(bench, count), pathOf(bench, 1));
  assert.equal(await listed(bench), count + 1);
  writeFileSync(pathOf(bench, 2), "no backup any more");
  const { others } = { others: (await bench.json("backups", "list")).list("others") };
  assert.deepEqual(
    others.map((other) => other.at("file")),
    ["backup-2.tar"],
  );
});

test("a catalogue that is lost or damaged is built again from the archives", async () => {
  using bench = new Bench();
  await bench.json("backups", "new", "--folders", "ssl");
  const before = (await bench.json("backups", "list")).value;
  writeFileSync(`${bench.dataDir}/safehouse.db`, "no database");
  assert.deepEqual((await bench.json("backups", "list")).value, before);
  rmSync(bench.dataDir, { recursive: true });
  assert.deepEqual((await bench.json("backups", "list")).value, before);
});

function pathOf(bench: Bench, number: number): string {
  return `${bench.location}/backup-${number}.tar`;
}

/** A slug of its own each: 8 hexadecimal digits, as long as the model's. */
function addArchive(bench: Bench, model: Buffer, number: number): void {
  const text = model.toString("latin1");
  const slug = number.toString(16).padStart(8, "0");
  writeFileSync(
    pathOf(bench, number),
    text.replace(/"slug":"[0-9a-f]{8}"/, `"slug":"${slug}"`),
    "latin1",
  );
  settle(bench, number);
}

function ruin(bench: Bench, number: number, size: number): void {
  writeFileSync(pathOf(bench, number), Buffer.alloc(size));
  settle(bench, number);
}

function settle(bench: Bench, number: number): void {
  utimesSync(pathOf(bench, number), 1_600_000_000, 1_600_000_000 + number);
}

async function listed(bench: Bench): Promise<number> {
  const listing = await bench.json("backups", "list");
  assert.deepEqual(listing.at("others"), []);
  return listing.list("backups").length;
}
