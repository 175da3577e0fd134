import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { ArchiveFacts } from "#location/archive-facts.ts";
import { archiveFactsVersion } from "#location/archive-facts.ts";
import type { CatalogueEntry } from "#location/catalogue-port.ts";
import { StateCatalogue } from "./catalogue.ts";
import { loops } from "#test/loops.ts";
import { migrations } from "./migrations.ts";
import { openState } from "./open-state.ts";
import type { State } from "./open-state.ts";
import { Settings } from "./settings.ts";

async function makeState(context: TestContext) {
  const dataDirectory = join(await mkdtemp(join(tmpdir(), "safehouse-state-")), "data");
  const notices: string[] = [];
  const notice = (sentence: string) => void notices.push(sentence);
  const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5) };
  const open = (): State => {
    const state = openState({ dataDirectory, clock, notice });
    context.after(() => state[Symbol.dispose]());
    return state;
  };
  context.after(() => rm(join(dataDirectory, ".."), { recursive: true }));
  return { dataDirectory, notices, open, file: join(dataDirectory, "safehouse.db") };
}

const place = { home: "home", location: "here" };

const facts: ArchiveFacts = {
  slug: "0123abcd",
  name: "Übermorgen",
  date: "2026-01-02T03:04:05+00:00",
  type: "full",
  protected: true,
  compressed: true,
  size: 10_240,
  homeassistant: { version: "2026.1.0", databaseIncluded: true, size: 5000 },
  folders: [{ name: "share", size: 1000 }],
  addons: [{ slug: "core_mosquitto", name: "Mosquitto", version: "6.5.1", size: 700 }],
  extra: { supervisor: { x: 1 } },
  problems: [],
};

function entry(key: string, version = "1"): CatalogueEntry {
  const object = { key, version, size: 10_240, modifiedAt: 1_767_323_045_000.25 };
  return { object, inspection: { kind: "archive", facts }, settled: true };
}

test("the state file and its directory are for their owner only", async (context) => {
  const { dataDirectory, file, open } = await makeState(context);
  await new StateCatalogue(open()).update(place, { save: [entry("a.tar")], forget: [] });
  assert.equal((await stat(dataDirectory)).mode & 0o777, 0o700);
  for (const path of [file, `${file}-wal`, `${file}-shm`]) {
    assert.equal((await stat(path)).mode & 0o777, 0o600, path);
  }
});

test("the catalogue remembers over a restart, for each home and location by itself", async (context) => {
  const { open } = await makeState(context);
  const other = { home: "home", location: "there" };
  const state = open();
  const catalogue = new StateCatalogue(state);
  await catalogue.update(place, { save: [entry("a.tar"), entry("b.tar")], forget: [] });
  await catalogue.update(other, { save: [entry("a.tar", "9")], forget: [] });
  await catalogue.update(place, { save: [entry("b.tar", "2")], forget: ["a.tar", "none.tar"] });
  state[Symbol.dispose]();
  const again = new StateCatalogue(open());
  assert.deepEqual([...(await again.entries(place)).values()], [entry("b.tar", "2")]);
  assert.deepEqual([...(await again.entries(other)).values()], [entry("a.tar", "9")]);
  assert.equal((await again.entries({ home: "other", location: "here" })).size, 0);
});

test("the catalogue remembers when all of a place was last seen", async (context) => {
  const { open } = await makeState(context);
  const catalogue = new StateCatalogue(open());
  assert.equal(await catalogue.lastLook(place), undefined);
  await catalogue.update(place, { save: [entry("a.tar")], forget: [], lookedAt: 1000 });
  await catalogue.update(place, { save: [], forget: ["a.tar"] });
  assert.equal(await catalogue.lastLook(place), 1000);
  await catalogue.update(place, { save: [{ ...entry("b.tar"), settled: false }], forget: [] });
  assert.equal((await catalogue.entries(place)).get("b.tar")?.settled, false);
  assert.equal(await catalogue.lastLook({ ...place, location: "there" }), undefined);
});

test("what one process changes in the catalogue another one sees, although it has read it before", async (context) => {
  const { open, file } = await makeState(context);
  const [one, other] = [new StateCatalogue(open()), new StateCatalogue(open())];
  const keys = async () => [...(await other.entries(place)).keys()];
  await one.update(place, { save: [entry("a.tar")], forget: [], lookedAt: 1 });
  assert.deepEqual(await keys(), ["a.tar"]);
  await one.update(place, { save: [entry("b.tar", "2")], forget: ["a.tar"] });
  assert.deepEqual(await keys(), ["b.tar"]);
  await one.update({ ...place, location: "there" }, { save: [entry("c.tar")], forget: [] });
  await one.update(place, { save: [], forget: [], lookedAt: 2 });
  assert.deepEqual(await keys(), ["b.tar"]);
  assert.equal(await other.lastLook(place), 2);
  await one.update(place, { save: [entry("b.tar", "3")], forget: [] });
  assert.equal((await other.entries(place)).get("b.tar")?.object.version, "3");
  await writeFile(file, "damaged");
  for (const suffix of ["-wal", "-shm"]) await rm(file + suffix, { force: true });
  assert.equal((await new StateCatalogue(open()).entries(place)).size, 0);
});

test("facts of another version of this program are not believed", async (context) => {
  const { open } = await makeState(context);
  const state = open();
  const catalogue = new StateCatalogue(state);
  await catalogue.update(place, { save: [entry("a.tar")], forget: [] });
  state.run((database) => database.exec(`UPDATE archive SET facts_version = facts_version + 1`));
  assert.equal((await catalogue.entries(place)).size, 0);
  assert.ok(archiveFactsVersion > 0);
});

test("a damaged state file is moved aside and begun anew, and that is said", async (context) => {
  const { dataDirectory, file, notices, open } = await makeState(context);
  const state = open();
  await new StateCatalogue(state).update(place, { save: [entry("a.tar")], forget: [] });
  state[Symbol.dispose]();
  await writeFile(file, "this is no database, whatever its name says".repeat(100));
  const catalogue = new StateCatalogue(open());
  assert.equal((await catalogue.entries(place)).size, 0);
  await catalogue.update(place, { save: [entry("b.tar")], forget: [] });
  assert.equal((await catalogue.entries(place)).size, 1);
  assert.equal(notices.length, 1);
  assert.match(
    notices[0] ?? "",
    /damaged.*moved to .*safehouse\.db\.damaged-2026-01-02T03\.04\.05/,
  );
  const aside = (await readdir(dataDirectory)).find((name) => name.includes("damaged")) ?? "";
  assert.match(await readFile(join(dataDirectory, aside), "utf8"), /this is no database/);
});

test("damage that shows in the middle of the work is met in the same way", async (context) => {
  const { file, notices, open } = await makeState(context);
  const save = Array.from({ length: 500 }, (_, index) => entry(`${index}.tar`));
  const first = open();
  await new StateCatalogue(first).update(place, { save, forget: [] });
  first[Symbol.dispose]();
  const bytes = await readFile(file);
  bytes.fill(0xaa, 8192);
  await writeFile(file, bytes);
  const catalogue = new StateCatalogue(open());
  assert.equal((await catalogue.entries(place)).size, 0);
  assert.equal(notices.length, 1);
});

test("every earlier schema is brought to the present one", async (context) => {
  const { dataDirectory, file, open } = await makeState(context);
  for (let version = 0; version <= migrations.length; version += 1) {
    await rm(dataDirectory, { recursive: true, force: true });
    open().run(() => undefined);
    await rm(file);
    const old = new DatabaseSync(file);
    for (const step of migrations.slice(0, version)) old.exec(step);
    old.exec(`PRAGMA user_version = ${version}`);
    old.close();
    const catalogue = new StateCatalogue(open());
    await catalogue.update(place, { save: [entry("a.tar")], forget: [] });
    assert.equal((await catalogue.entries(place)).size, 1);
  }
});

test("a state file of a newer program is left alone", async (context) => {
  const { file, notices, open } = await makeState(context);
  const state = open();
  state.run((database) => database.exec("PRAGMA user_version = 1000"));
  state[Symbol.dispose]();
  const before = await readFile(file);
  assert.throws(() => open().run(() => undefined), { problem: "unknown-version" });
  assert.deepEqual(await readFile(file), before);
  assert.deepEqual(notices, []);
});

test("a transaction that fails changes nothing", async (context) => {
  const { open } = await makeState(context);
  const state = open();
  const catalogue = new StateCatalogue(state);
  await catalogue.update(place, { save: [entry("a.tar")], forget: [] });
  const failing = () =>
    state.transact((database) => {
      database.exec("DELETE FROM archive");
      throw new Error("no");
    });
  assert.throws(failing, /no/);
  assert.equal((await catalogue.entries(place)).size, 1);
});

test("several processes create and change the same state at once", async (context) => {
  const { dataDirectory, notices, open } = await makeState(context);
  const program = (name: string) => `
    const { openState } = await import(${JSON.stringify(import.meta.resolve("./open-state.ts"))});
    const { Settings } = await import(${JSON.stringify(import.meta.resolve("./settings.ts"))});
    const dataDirectory = ${JSON.stringify(dataDirectory)};
    const state = openState({ dataDirectory, clock: Date, notice: console.error });
    const settings = new Settings(dataDirectory, state);
    for (let turn = 0; turn < 10; turn += 1) {
      await settings.change("home", { ["${name}" + turn]: turn });
    }`;
  const children = ["a", "b", "c"].map((name) =>
    spawn(process.execPath, ["--input-type=module", "-e", program(name)], { stdio: "inherit" }),
  );
  await Promise.all(children.map((child) => once(child, "exit")));
  assert.deepEqual(
    children.map((child) => child.exitCode),
    [0, 0, 0],
  );
  const settings = await new Settings(dataDirectory, open()).read("home");
  assert.equal(Object.keys(settings).length, 30);
  assert.deepEqual(notices, []);
});

test("two processes that begin a state file in the same moment both succeed", async (context) => {
  const { dataDirectory } = await makeState(context);
  const files = loops(150);
  const program = `
    const { openState } = await import(${JSON.stringify(import.meta.resolve("./open-state.ts"))});
    process.once("message", (beginning) => {
      for (let file = 0; file < ${files}; file += 1) {
        // Both come to the same file at the same time, whatever the one before has taken.
        while (Date.now() < beginning + file * 15);
        const dataDirectory = ${JSON.stringify(dataDirectory)} + "/" + file;
        using state = openState({ dataDirectory, clock: Date, notice: console.error });
        state.run((database) => database.exec("SELECT * FROM archive"));
      }
    });
    process.send("ready");`;
  const stdio = ["ignore", "inherit", "inherit", "ipc"] as const;
  const children = [1, 2].map(() =>
    spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: [...stdio] }),
  );
  await Promise.all(children.map((child) => once(child, "message")));
  const ends = children.map((child) => once(child, "exit"));
  for (const child of children) child.send(Date.now() + 50);
  await Promise.all(ends);
  assert.deepEqual(
    children.map((child) => child.exitCode),
    [0, 0],
  );
});
