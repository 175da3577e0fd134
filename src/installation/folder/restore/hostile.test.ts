import assert from "node:assert/strict";
import { existsSync, lstatSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import type { StagedPart } from "../../installation.ts";
import { cleanPath } from "./clean-path.ts";
import {
  configPart,
  events,
  grow,
  never,
  newTime,
  pictureOf,
  share,
  task,
  TestHome,
} from "./testing/home-fixture.ts";
import type { Made } from "./testing/home-fixture.ts";

const loops = Number(process.env["SAFEHOUSE_TEST_LOOPS"] ?? "1");
const link = (path: string, linkTarget: string): Made => ({
  path,
  type: "symlink",
  mode: 0o777,
  linkTarget,
});
const hard = (path: string, linkTarget: string): Made => ({
  path,
  type: "hardlink",
  mode: 0o644,
  linkTarget,
});

async function restoreShare(home: TestHome, ...made: readonly Made[]): Promise<StagedPart> {
  await using session = await home.open({ replaceUndo: true });
  const staged = await session.stage(task(share), events({ path: "." }, ...made), never);
  await session.swap(() => undefined, never);
  return staged;
}

function problems(staged: StagedPart): string[] {
  return staged.notes.map(({ path, problem }) => `${problem} ${path}`);
}

test("names that lead out of the part are not written", async () => {
  using home = new TestHome();
  const bad = [
    "../out",
    "/abs",
    "a/../../out",
    "nul\0byte",
    "",
    "a/..",
    ".safehouse/x",
    "x/.safehouse/restore-1",
    "\ud800",
  ];
  const staged = await restoreShare(home, ...bad.map((path) => ({ path, text: "x" })), {
    path: "./good//name",
    text: "x",
  });
  assert.deepEqual(
    problems(staged),
    bad.map((path) => `unsafe ${path}`),
  );
  assert.deepEqual(readdirSync(home.folder).toSorted(), ["safehouse", "share"]);
  assert.deepEqual(
    pictureOf(`${home.folder}/share`).map((line) => line.split(" ")[0]),
    ["", "good", "good/name"],
  );
});

test("nothing is written through a link or a file that came earlier", async () => {
  using home = new TestHome();
  grow(`${home.folder}/outside`, { victim: "safe" });
  const was = pictureOf(`${home.folder}/outside`);
  const staged = await restoreShare(
    home,
    link("evil", `${home.folder}/outside`),
    { path: "evil/victim", text: "owned" },
    { path: "evil/deep/er", text: "owned" },
    { path: "evil/folder" },
    hard("taken", "evil/victim"),
    { path: "plain", text: "file" },
    { path: "plain/inner", text: "x" },
  );
  assert.deepEqual(problems(staged), [
    "outside-link evil",
    "unsafe evil/victim",
    "unsafe evil/deep/er",
    "unsafe evil/folder",
    "unsafe taken",
    "unsafe plain/inner",
  ]);
  assert.deepEqual(pictureOf(`${home.folder}/outside`), was);
  assert.equal(readlinkSync(`${home.folder}/share/evil`), `${home.folder}/outside`);
});

test("a folder that becomes a link after its description keeps that description to itself", async () => {
  using home = new TestHome();
  grow(`${home.folder}/outside`, { "b/c": "c" });
  const was = pictureOf(`${home.folder}/outside`);
  const staged = await restoreShare(
    home,
    { path: "a" },
    { path: "a/b", mode: 0o777 },
    link("a", `${home.folder}/outside`),
    link("f", `${home.folder}/outside/b/c`),
    { path: "f", text: "mine" },
  );
  assert.deepEqual(problems(staged), [
    "outside-link a",
    "duplicate a",
    "outside-link f",
    "duplicate f",
  ]);
  assert.deepEqual(pictureOf(`${home.folder}/outside`), was);
  assert.equal(readFileSync(`${home.folder}/share/f`, "utf8"), "mine");
});

test("of entries with one name the last one wins", async () => {
  using home = new TestHome();
  const staged = await restoreShare(
    home,
    { path: "a", text: "first" },
    { path: "a", text: "last" },
    { path: "b/c", text: "c" },
    { path: "b", text: "a file" },
    { path: "d", text: "d" },
    { path: "d" },
  );
  assert.deepEqual(problems(staged), ["duplicate a", "duplicate b", "duplicate d"]);
  assert.equal(readFileSync(`${home.folder}/share/a`, "utf8"), "last");
  assert.equal(readFileSync(`${home.folder}/share/b`, "utf8"), "a file");
  assert.ok(lstatSync(`${home.folder}/share/d`).isDirectory());
});

test("hard links inside of a part are made, those to elsewhere are not", async () => {
  using home = new TestHome();
  const staged = await restoreShare(
    home,
    { path: "a", text: "a" },
    hard("b", "a"),
    hard("c", "../x"),
    hard("d", "/etc/passwd"),
    hard("e", "missing"),
    hard("a", "a"),
  );
  assert.deepEqual(problems(staged), ["unsafe c", "unsafe d", "unsafe e", "unsafe a"]);
  assert.equal(lstatSync(`${home.folder}/share/a`).ino, lstatSync(`${home.folder}/share/b`).ino);
});

test("devices and pipes are named and skipped, links are kept as links", async () => {
  using home = new TestHome();
  const staged = await restoreShare(
    home,
    { path: "p", type: "fifo" },
    { path: "c", type: "character-device" },
    { path: "b", type: "block-device" },
    link("inside/l", "../x"),
    link("broken", "nowhere"),
  );
  assert.deepEqual(problems(staged), ["unsupported p", "unsupported c", "unsupported b"]);
  assert.equal(readlinkSync(`${home.folder}/share/inside/l`), "../x");
  assert.equal(lstatSync(`${home.folder}/share/broken`).mtimeMs, newTime * 1000);
});

test("set-user-id bits come back only where the replaced file has them", async () => {
  using home = new TestHome();
  grow(`${home.folder}/share`, { had: { text: "x", mode: 0o4755 } });
  const staged = await restoreShare(
    home,
    { path: "had", text: "y", mode: 0o4755 },
    { path: "new", text: "y", mode: 0o6755 },
    { path: "folder", mode: 0o2775 },
  );
  assert.deepEqual(problems(staged), ["unsafe new"]);
  const modes = ["had", "new", "folder"].map(
    (name) => lstatSync(`${home.folder}/share/${name}`).mode & 0o7777,
  );
  assert.deepEqual(modes, [0o4755, 0o755, 0o2775]);
});

test("names that are no UTF-8 survive", async () => {
  using home = new TestHome();
  await restoreShare(home, { path: "caf\udce9/\udcff", text: "x" }, link("l", "caf\udce9"), {
    path: "café",
    text: "é",
  });
  const names = readdirSync(`${home.folder}/share`, { encoding: "buffer" }).map((name) =>
    name.toString("hex"),
  );
  assert.deepEqual(names.toSorted(), ["636166c3a9", "636166e9", "6c"]);
  await restoreShare(home, { path: "caf\udce9", text: "now a file" });
  assert.equal(
    readFileSync(
      Buffer.concat([Buffer.from(`${home.folder}/share/caf`), Buffer.from([0xe9])]),
      "utf8",
    ),
    "now a file",
  );
});

test("names too long for the file system and times beyond it do not end a restore", async () => {
  using home = new TestHome();
  const staged = await restoreShare(
    home,
    { path: "x".repeat(300), text: "x" },
    { path: "ok", text: "x", mtime: 1e300 },
    { path: "nan", text: "x", mtime: Number.NaN },
  );
  assert.deepEqual(
    staged.notes.map(({ problem }) => problem),
    ["unsupported"],
  );
  assert.ok(existsSync(`${home.folder}/share/ok`));
});

test("folders that come after their content, or never, are restored", async () => {
  using home = new TestHome();
  await restoreShare(
    home,
    { path: "a/b/c", text: "c" },
    { path: "a", mode: 0o700, mtime: newTime + 3 },
  );
  assert.equal(lstatSync(`${home.folder}/share/a`).mtimeMs, (newTime + 3) * 1000);
  assert.equal(lstatSync(`${home.folder}/share/a`).mode & 0o7777, 0o700);
  assert.equal(lstatSync(`${home.folder}/share/a/b`).mode & 0o7777, 0o755);
});

test("links of the config folder are judged by where they will lie", async () => {
  using home = new TestHome();
  await using session = await home.open();
  const staged = await session.stage(
    task(configPart),
    events({ path: "data" }, link("data/a", "../b"), link("data/c/d", "../e"), {
      path: "other",
      text: "x",
    }),
    never,
  );
  assert.deepEqual(problems(staged), ["outside-link data/a", "no-home other"]);
});

test("a hundred thousand bad entries earn a bounded list of notes", async () => {
  using home = new TestHome();
  await using session = await home.open();
  const bad = Array.from({ length: 20_000 }, (_, index) => ({ path: `../${index}`, text: "" }));
  const { notes } = await session.stage(task(share), events({ path: "." }, ...bad), never);
  assert.equal(notes.length, 10_001);
});

test("a second name of what gives way to it is refused", async () => {
  using home = new TestHome();
  await using session = await home.open();
  const entries = [
    { path: "a/b", text: "x" },
    { path: "a", type: "hardlink" as const, linkTarget: "a/b" },
  ];
  const staged = await session.stage(task(share), events({ path: "." }, ...entries), never);
  assert.deepEqual(
    staged.notes.map(({ path, problem }) => [path, problem]),
    [["a", "unsafe"]],
  );
});

test("no series of names leaves the stage", async () => {
  using home = new TestHome();
  grow(`${home.folder}/outside`, { a: "a", "b/c": "c" });
  const was = pictureOf(`${home.folder}/outside`);
  const name = fc.constantFrom("a", "b", "c", "..", ".", "", "a/b", "b/c");
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
  const target = fc.oneof(
    path,
    fc.constantFrom(`${home.folder}/outside`, "../../../../outside", `${home.folder}/outside/b`),
  );
  const made = fc.oneof(
    fc.record({ path, text: fc.constantFrom("", "x") }),
    fc.record({ path }),
    fc.record({
      path,
      type: fc.constantFrom("symlink" as const, "hardlink" as const),
      linkTarget: target,
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(made, { maxLength: 12 }), async (entries) => {
      await using session = await home.open();
      await session.stage(task(share), events({ path: "." }, ...entries), never);
      assert.deepEqual(pictureOf(`${home.folder}/outside`), was);
    }),
    { numRuns: 60 * loops },
  );
  assert.deepEqual(readdirSync(home.folder).toSorted(), ["outside", "safehouse"]);
});

test("a clean path never begins with a slash and never goes up", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const path = cleanPath(text);
      return path === undefined || (!path.startsWith("/") && !path.split("/").includes(".."));
    }),
  );
});
