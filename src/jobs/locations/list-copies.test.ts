import { strict as assert } from "node:assert";
import { test } from "node:test";
import { SafehouseError } from "#core/model/problem.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import { MemoryLocations } from "#test/memory-locations.ts";
import { pinBackup } from "../notes/pin-backup.ts";
import { atEachCopy } from "./at-each-copy.ts";
import { findCopies } from "./find-copies.ts";
import { listCopies } from "./list-copies.ts";

const { signal } = new AbortController();
const day = 86_400_000;

const look = (locations: MemoryLocations, fresh = true) =>
  listCopies(locations, { fresh, clock: locations.clock, signal });

/** Each backup as "slug: file at location, …". */
async function pictured(locations: MemoryLocations, fresh = true): Promise<readonly string[]> {
  const { backups } = await look(locations, fresh);
  return backups.map(
    ({ slug, copies }) =>
      `${slug ?? "?"}: ${copies.map(({ file, location }) => `${file} at ${location}`).join(", ")}`,
  );
}

test("a backup is listed once, with its copies, newest first", async () => {
  const locations = new MemoryLocations("backup", "nas");
  const old = { slug: "aaaaaaaa", date: "2025-01-01T00:00:00+00:00" };
  const recent = { slug: "bbbbbbbb", date: "2026-01-01T00:00:00+00:00" };
  await locations.put("backup", "old.tar", old);
  await locations.put("nas", "other name.tar", old);
  await locations.put("nas", "new.tar", recent);
  assert.deepEqual(await pictured(locations), [
    "bbbbbbbb: new.tar at nas",
    "aaaaaaaa: old.tar at backup, other name.tar at nas",
  ]);
  const { backups } = await look(locations);
  assert.deepEqual(
    [backups[1]?.location, backups[1]?.file, backups[1]?.name],
    ["backup", "old.tar", "aaaaaaaa"],
  );
});

test("one moment written in two ways is one backup", async () => {
  const locations = new MemoryLocations("backup", "nas");
  await locations.put("backup", "a.tar", { slug: "aaaaaaaa", date: "2026-01-01T12:00:00+00:00" });
  await locations.put("nas", "a.tar", { slug: "aaaaaaaa", date: "2026-01-01T13:00:00.000+01:00" });
  assert.deepEqual(await pictured(locations), ["aaaaaaaa: a.tar at backup, a.tar at nas"]);
});

test("two different backups of one slug are never taken for one", async () => {
  const locations = new MemoryLocations("backup", "nas");
  await locations.put("backup", "mine.tar", { slug: "aaaaaaaa", name: "Mine" });
  await locations.put("nas", "theirs.tar", { slug: "aaaaaaaa", name: "Theirs" });
  await locations.put("nas", "later.tar", {
    slug: "aaaaaaaa",
    name: "Mine",
    date: "2026-01-02T00:00:00+00:00",
  });
  assert.equal((await pictured(locations)).length, 3);
  await assert.rejects(findCopies(locations, "aaaaaaaa", { clock: locations.clock, signal }), {
    problem: "usage",
  });
});

test("damaged archives are listed each by itself, and a whole copy speaks for its backup", async () => {
  const locations = new MemoryLocations("backup", "nas");
  await locations.put("backup", "torn.tar", "torn");
  await locations.put("nas", "torn.tar", "torn");
  await locations.put("nas", "photo.tar", "photo");
  const { backups, others } = await look(locations);
  assert.deepEqual(
    backups.map(({ copies }) => copies.map(({ state, location }) => [state, location])),
    [[["damaged", "backup"]], [["damaged", "nas"]]],
  );
  assert.deepEqual(others, [{ location: "nas", file: "photo.tar", message: "No backup.json" }]);
});

test("the default location speaks first", async () => {
  const locations = new MemoryLocations("backup", "nas");
  for (const id of ["backup", "nas"]) await locations.put(id, "a.tar", { slug: "aaaaaaaa" });
  locations.useAsDefault("nas");
  const { backups, locations: answers } = await look(locations);
  assert.equal(backups[0]?.location, "nas");
  assert.deepEqual(
    answers.map(({ id, isDefault }) => [id, isDefault]),
    [
      ["nas", true],
      ["backup", false],
    ],
  );
});

test("a location that does not answer is answered for, as of its last look", async () => {
  const locations = new MemoryLocations("backup", "nas");
  for (const id of ["backup", "nas"]) await locations.put(id, "a.tar", { slug: "aaaaaaaa" });
  await look(locations);
  locations.away.set("nas", "at once");
  locations.clock.time += day;
  const { backups, locations: answers } = await look(locations);
  assert.deepEqual(
    backups[0]?.copies.map(({ location, state }) => [location, state]),
    [
      ["backup", "present"],
      ["nas", "present"],
    ],
    "nothing went missing",
  );
  assert.deepEqual(
    answers.map(({ asOf, problem }) => [asOf, problem?.problem, problem?.message]),
    [
      ["2026-06-02T00:00:00.000Z", undefined, undefined],
      ["2026-06-01T00:00:00.000Z", "unreachable", "nas is not there"],
    ],
  );
});

test("a location that was never seen is empty as of never", async () => {
  const locations = new MemoryLocations("backup");
  locations.away.set("backup", "at once");
  const { backups, locations: answers } = await look(locations);
  assert.deepEqual(backups, []);
  assert.equal(answers[0]?.asOf, undefined);
});

test("a backup that is gone from a place that answered is not listed any more", async () => {
  const locations = new MemoryLocations("backup", "nas");
  for (const id of ["backup", "nas"]) await locations.put(id, "a.tar", { slug: "aaaaaaaa" });
  await look(locations);
  await locations.remove("nas", "a.tar");
  assert.deepEqual(await pictured(locations, false), ["aaaaaaaa: a.tar at backup, a.tar at nas"]);
  assert.deepEqual(await pictured(locations), ["aaaaaaaa: a.tar at backup"]);
  assert.deepEqual(await pictured(locations, false), ["aaaaaaaa: a.tar at backup"]);
});

test("what is known is listed without asking anybody, dead places or not", async () => {
  const locations = new MemoryLocations("backup", "nas");
  for (const id of ["backup", "nas"]) await locations.put(id, "a.tar", { slug: "aaaaaaaa" });
  const fresh = await look(locations);
  locations.away.set("backup", "for ever");
  locations.asked.length = 0;
  locations.clock.time += day;
  assert.deepEqual(await look(locations, false), fresh);
  assert.deepEqual(locations.asked, []);
});

test("locations are asked side by side: one that hangs keeps no other from being asked", async () => {
  const locations = new MemoryLocations("backup", "nas", "cloud");
  locations.away.set("backup", "for ever");
  void look(locations);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(locations.asked, ["backup", "nas", "cloud"]);
});

test("a cancelled list is no list", async () => {
  const locations = new MemoryLocations("backup");
  const reason = new SafehouseError("cancelled", "Cancelled");
  const cancelled = AbortSignal.abort(reason);
  const list = listCopies(locations, { fresh: true, clock: locations.clock, signal: cancelled });
  await assert.rejects(list, reason);
});

test("a fault of ours is not put down to a location", async () => {
  const locations = new MemoryLocations("backup");
  await locations.put("backup", "a.tar", "no JSON at all");
  await assert.rejects(look(locations), SyntaxError);
});

test("pins belong to one location each", async () => {
  const locations = new MemoryLocations("backup", "nas");
  for (const id of ["backup", "nas"]) await locations.put(id, "a.tar", { slug: "aaaaaaaa" });
  await pinBackup(await locations.look("nas"), "aaaaaaaa", { clock: locations.clock, signal });
  for (const fresh of [false, true]) {
    if (!fresh) await look(locations);
    const { backups } = await look(locations, fresh);
    assert.deepEqual(
      backups[0]?.copies.map(({ location, pinned }) => [location, pinned]),
      [
        ["backup", undefined],
        ["nas", true],
      ],
    );
  }
});

test("a file name names the archives of that name and no other copies", async () => {
  const locations = new MemoryLocations("backup", "nas");
  await locations.put("backup", "a.tar", { slug: "aaaaaaaa" });
  await locations.put("backup", "twin.tar", { slug: "aaaaaaaa" });
  await locations.put("nas", "twin.tar", { slug: "aaaaaaaa" });
  const find = (reference: string) =>
    findCopies(locations, reference, { clock: locations.clock, signal });
  const bySlug = await find("aaaaaaaa");
  assert.equal(bySlug.backup.copies.length, 3);
  const { backup } = await find("twin.tar");
  assert.deepEqual(
    backup.copies.map(({ file, location }) => [file, location]),
    [
      ["twin.tar", "backup"],
      ["twin.tar", "nas"],
    ],
  );
  assert.equal(backup.file, "twin.tar");
  await assert.rejects(find("nope"), { problem: "not-found", message: /at any location$/ });
  locations.away.set("nas", "at once");
  await assert.rejects(find("nope"), {
    problem: "not-found",
    message: /at any location that answered/,
    advice: /nas is not there/,
  });
  assert.deepEqual(
    (await find("aaaaaaaa")).silent.map(({ id }) => id),
    ["nas"],
  );
});

test("work at each copy is done where it can be, and what failed is told", async () => {
  const locations = new MemoryLocations("backup", "nas");
  for (const id of ["backup", "nas"]) await locations.put(id, "a.tar", { slug: "aaaaaaaa" });
  const options = { clock: locations.clock, signal };
  const found = await findCopies(locations, "aaaaaaaa", options);
  locations.away.set("nas", "at once");
  const tools = { locations, signal };
  const work = (location: ArchiveLocation, file: string) => location.remove(file, signal);
  const error = { problem: "unreachable", message: "nas is not there" };
  assert.deepEqual(await atEachCopy(found, tools, work), [
    { location: "backup", file: "a.tar", error: undefined },
    { location: "nas", file: "a.tar", error },
  ]);
  assert.deepEqual(await pictured(locations), ["aaaaaaaa: a.tar at nas"]);
  const left = await findCopies(locations, "aaaaaaaa", options);
  locations.away.set("nas", "for ever");
  await assert.rejects(atEachCopy(left, tools, work), error, "nobody waits for it twice");
});
