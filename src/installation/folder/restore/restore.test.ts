import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { Rule } from "#core/rules/rule.ts";
import { recover } from "./recover.ts";
import {
  chownIfRoot,
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
import type { Tree } from "./testing/home-fixture.ts";
import { undo } from "./undo.ts";
import { undoState } from "./undo-state.ts";

const before: Tree = {
  "configuration.yaml": "old:",
  "automations.yaml": { text: "[]", mode: 0o640 },
  ".storage/auth": { text: "secret", mode: 0o600 },
  ".storage/core": "core",
  "www/old/picture.png": "png",
  "www/link": { link: "old/picture.png" },
  "backups/mine.tar": "a backup",
  "home-assistant.log": "log",
  "custom_components/x/__pycache__/a.pyc": "pyc",
  "custom_components/x/a.py": "py",
};

const archived = [
  { path: "." },
  { path: "homeassistant.json", text: "{}" },
  { path: "data", mode: 0o750, mtime: newTime + 5 },
  { path: "data/configuration.yaml", text: "new:" },
  { path: "data/.storage", mode: 0o700 },
  { path: "data/.storage/auth", text: "older secret", mode: 0o600 },
  { path: "data/www", mtime: newTime + 7 },
  { path: "data/www/new.png", text: "new png", uid: 12, gid: 34 },
  { path: "data/custom_components/x", mtime: newTime + 9 },
  { path: "data/custom_components/x/a.py", text: "newer py" },
  { path: "data/backups" },
];

const drop = { stopped: true, dropNewer: true };

test("puts content, modes, owners and times of the archive in place", async () => {
  using home = new TestHome();
  grow(home.config, before);
  const outcome = await home.restore([[task(configPart), events(...archived)]]);
  assert.equal(readFileSync(`${home.config}/configuration.yaml`, "utf8"), "new:");
  assert.equal(readFileSync(`${home.config}/.storage/auth`, "utf8"), "older secret");
  assert.equal(lstatSync(`${home.config}/.storage/auth`).mode & 0o777, 0o600);
  assert.equal(lstatSync(`${home.config}/.storage`).mode & 0o777, 0o700);
  assert.equal(lstatSync(`${home.config}/www`).mtimeMs, (newTime + 7) * 1000);
  assert.equal(lstatSync(`${home.config}/www/new.png`).mtimeMs, newTime * 1000);
  assert.equal(lstatSync(`${home.config}/custom_components/x`).mtimeMs, (newTime + 9) * 1000);
  assert.equal(lstatSync(home.config).mode & 0o777, 0o750);
  assert.equal(lstatSync(home.config).mtimeMs, (newTime + 5) * 1000);
  assert.ok(!existsSync(`${home.config}/automations.yaml`));
  assert.ok(!existsSync(`${home.config}/homeassistant.json`));
  assert.ok(!existsSync(`${home.config}/.storage/core`));
  if (process.getuid?.() === 0) {
    const { uid, gid } = lstatSync(`${home.config}/www/new.png`);
    assert.deepEqual([uid, gid], [12, 34]);
    assert.deepEqual(outcome.warnings, []);
  }
});

test("carries over backups, logs and what the official list leaves out", async () => {
  using home = new TestHome();
  grow(home.config, before);
  await home.restore([[task(configPart), events(...archived)]]);
  assert.equal(readFileSync(`${home.config}/backups/mine.tar`, "utf8"), "a backup");
  assert.equal(readFileSync(`${home.config}/home-assistant.log`, "utf8"), "log");
  assert.ok(existsSync(`${home.config}/custom_components/x/__pycache__/a.pyc`));
});

test("an exact restore removes what is otherwise carried over", async () => {
  using home = new TestHome();
  grow(home.config, { ...before, "home-assistant_v2.db": "x" });
  const was = pictureOf(home.config);
  await home.restore([[task(configPart, { database: false }), events(...archived)]], {
    exact: true,
  });
  assert.deepEqual(readdirSync(`${home.config}/backups`), []);
  assert.ok(!existsSync(`${home.config}/home-assistant.log`));
  assert.ok(!existsSync(`${home.config}/home-assistant_v2.db`));
  await undo(home.home, { ...drop, dropNewer: false }, never);
  assert.deepEqual(pictureOf(home.config), was);
});

test("an undo brings the state before back, byte for byte", async () => {
  using home = new TestHome();
  grow(home.config, before);
  chownIfRoot(`${home.config}/www/old`, 7, 8);
  chmodSync(`${home.config}/custom_components/x`, 0o2775);
  grow(home.paths.share ?? "", { "a/b": "b", empty: null });
  const was = [pictureOf(home.config), pictureOf(`${home.folder}/share`)];
  await home.restore([
    [task(configPart), events(...archived)],
    [task(share), events({ path: "." }, { path: "c", text: "c" })],
  ]);
  assert.notDeepEqual(pictureOf(home.config), was[0]);
  assert.deepEqual(undoState(home.home)?.newerData, []);
  const report = await undo(home.home, { stopped: true, dropNewer: false }, never);
  assert.deepEqual([pictureOf(home.config), pictureOf(`${home.folder}/share`)], was);
  assert.deepEqual(report, {
    parts: ["homeassistant", "share"],
    dropped: [],
    service: "untouched",
    warnings: [],
  });
  assert.ok(!existsSync(`${home.config}/.safehouse`));
  assert.equal(undoState(home.home), undefined);
  assert.deepEqual(readdirSync(`${home.paths.dataDir}/restore`), []);
  await assert.rejects(undo(home.home, drop, never), { problem: "not-found" });
});

test("an undo names what is newer and drops it only when told to", async () => {
  using home = new TestHome();
  grow(home.config, before);
  const was = pictureOf(home.config);
  await home.restore([[task(configPart), events(...archived)]]);
  writeFileSync(`${home.config}/scenes.yaml`, "new scene");
  writeFileSync(`${home.config}/configuration.yaml`, "changed:");
  writeFileSync(`${home.config}/www/later.png`, "later");
  writeFileSync(`${home.config}/custom_components/x/later.py`, "later");
  mkdirSync(`${home.config}/blueprints`);
  const newer = [
    "blueprints",
    "configuration.yaml",
    "custom_components/x/later.py",
    "scenes.yaml",
    "www/later.png",
  ];
  assert.deepEqual(
    undoState(home.home)?.newerData.toSorted(),
    newer.map((path) => `config/${path}`),
  );
  const restored = pictureOf(home.config);
  await assert.rejects(undo(home.home, { ...drop, dropNewer: false }, never), {
    problem: "confirmation-needed",
  });
  assert.deepEqual(pictureOf(home.config), restored);
  const { dropped } = await undo(home.home, drop, never);
  assert.deepEqual(
    dropped.toSorted(),
    newer.map((path) => `config/${path}`),
  );
  assert.deepEqual(pictureOf(home.config), was);
});

test("an undo sees a restored file that is gone, and leaves newer backups alone", async () => {
  using home = new TestHome();
  grow(home.config, before);
  await home.restore([[task(configPart), events(...archived)]]);
  rmSync(`${home.config}/www/new.png`);
  writeFileSync(`${home.config}/backups/newer.tar`, "newer backup");
  assert.deepEqual(undoState(home.home)?.newerData, ["config/www/new.png"]);
  await undo(home.home, drop, never);
  assert.equal(readFileSync(`${home.config}/backups/newer.tar`, "utf8"), "newer backup");
  assert.equal(readFileSync(`${home.config}/www/old/picture.png`, "utf8"), "png");
});

test("the plan says what is added, replaced, removed and carried over", async () => {
  using home = new TestHome();
  grow(home.config, before);
  const was = pictureOf(home.config);
  {
    await using session = await home.open();
    await session.stage(task(configPart), events(...archived), never);
    const { parts, extraBytes } = await session.plan();
    const [plan] = parts;
    assert.deepEqual(plan?.added, ["www/new.png"]);
    assert.deepEqual(plan.replaced.toSorted(), [
      ".storage/auth",
      "configuration.yaml",
      "custom_components/x/a.py",
    ]);
    assert.deepEqual(plan.removed.toSorted(), [
      ".storage/core",
      "automations.yaml",
      "www/link",
      "www/old",
      "www/old/picture.png",
    ]);
    assert.deepEqual(plan.carriedOver.toSorted(), [
      "backups/mine.tar",
      "custom_components/x/__pycache__/a.pyc",
      "home-assistant.log",
    ]);
    assert.equal(
      extraBytes,
      "new:".length + "older secret".length + "new png".length + "newer py".length,
    );
  }
  assert.deepEqual(pictureOf(home.config), was);
  assert.ok(!existsSync(`${home.config}/.safehouse`));
  assert.deepEqual(readdirSync(`${home.paths.dataDir}/restore`), []);
});

test("a second restore of the same archive finds nothing to change", async () => {
  using home = new TestHome();
  grow(home.config, before);
  await home.restore([[task(configPart), events(...archived)]]);
  await using session = await home.open({ replaceUndo: true });
  await session.stage(task(configPart), events(...archived), never);
  const [plan] = (await session.plan()).parts;
  assert.deepEqual([plan?.added, plan?.replaced, plan?.removed], [[], [], []]);
});

test("what a recorded rule left out stays, even in a folder that the archive lacks", async () => {
  using home = new TestHome();
  grow(`${home.folder}/share`, {
    "films/a.mp4": "film",
    "films/a.txt": "text",
    "cache/CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55",
    "cache/b": "b",
    c: "c",
  });
  const rules: Rule[] = [
    { text: "*.mp4", include: false, pattern: "*.mp4" },
    { text: "CACHEDIR.TAG", include: false, pattern: "", cacheDirTag: true },
  ];
  await home.restore([[task(share, { rules }), events({ path: "." }, { path: "d", text: "d" })]]);
  assert.deepEqual(readdirSync(`${home.folder}/share`).toSorted(), [
    ".safehouse",
    "cache",
    "d",
    "films",
  ]);
  assert.deepEqual(readdirSync(`${home.folder}/share/films`), ["a.mp4"]);
  assert.deepEqual(readdirSync(`${home.folder}/share/cache`), ["CACHEDIR.TAG", "b"]);
});

test("a rule does not keep what the archive has", async () => {
  using home = new TestHome();
  grow(`${home.folder}/share`, { "a.mp4": "grown too large" });
  const rules: Rule[] = [{ text: "*.mp4 > 5 B", include: false, pattern: "*.mp4", largerThan: 5 }];
  await home.restore([
    [task(share, { rules }), events({ path: "." }, { path: "a.mp4", text: "small" })],
  ]);
  assert.equal(readFileSync(`${home.folder}/share/a.mp4`, "utf8"), "small");
});

test("a folder with carried-over files is not replaced by a file, and a warning says so", async () => {
  using home = new TestHome();
  grow(`${home.folder}/share`, { "films/a.mp4": "film", "films/b": "b" });
  const rules: Rule[] = [{ text: "*.mp4", include: false, pattern: "*.mp4" }];
  const { warnings } = await home.restore([
    [task(share, { rules }), events({ path: "." }, { path: "films", text: "f" })],
  ]);
  assert.match(warnings[0] ?? "", /films of share was not restored/);
  assert.equal(readFileSync(`${home.folder}/share/films/b`, "utf8"), "b");
});

test("a database that is not restored stays with its journal", async () => {
  using home = new TestHome();
  grow(home.config, {
    "home-assistant_v2.db": "db",
    "home-assistant_v2.db-wal": "wal",
    "home-assistant_v2.db-shm": "shm",
    a: "a",
  });
  const staged = events(
    { path: "data" },
    { path: "data/home-assistant_v2.db", text: "other" },
    { path: "data/b", text: "b" },
  );
  await home.restore([[task(configPart, { database: false }), staged]]);
  const names = [
    "b",
    "home-assistant_v2.db",
    "home-assistant_v2.db-shm",
    "home-assistant_v2.db-wal",
  ];
  assert.deepEqual(
    readdirSync(home.config)
      .filter((name) => name !== ".safehouse")
      .toSorted(),
    names,
  );
  assert.equal(readFileSync(`${home.config}/home-assistant_v2.db`, "utf8"), "db");
});

test("a left-over journal of a replaced database goes, and comes back with an undo", async () => {
  using home = new TestHome();
  const path = `${home.folder}/made.db`;
  using database = new DatabaseSync(path);
  database.exec("CREATE TABLE a (b)");
  grow(home.config, {
    "home-assistant_v2.db": "old",
    "home-assistant_v2.db-wal": "old wal",
    "home-assistant_v2.db-shm": "old shm",
  });
  const was = pictureOf(home.config);
  const text = readFileSync(path);
  await home.restore([
    [task(configPart), events({ path: "data" }, { path: "data/home-assistant_v2.db", text })],
  ]);
  assert.deepEqual(readdirSync(home.config).toSorted(), [".safehouse", "home-assistant_v2.db"]);
  await undo(home.home, drop, never);
  assert.deepEqual(pictureOf(home.config), was);
});

test("an archive of version 1 is restored from its root, a folder named data included", async () => {
  using home = new TestHome();
  grow(home.config, { gone: "gone" });
  const staged = events(
    { path: "data" },
    { path: "data/mine", text: "m" },
    { path: "configuration.yaml", text: "v1:" },
  );
  await home.restore([[task(configPart), staged]]);
  assert.deepEqual(readdirSync(home.config).toSorted(), [
    ".safehouse",
    "configuration.yaml",
    "data",
  ]);
  assert.equal(readFileSync(`${home.config}/data/mine`, "utf8"), "m");
});

test("an archive that holds nothing is refused instead of emptying the home", async () => {
  using home = new TestHome();
  grow(home.config, before);
  const was = pictureOf(home.config);
  await using session = await home.open();
  await assert.rejects(session.stage(task(configPart), events({ path: "." }), never), {
    problem: "damaged",
  });
  await assert.rejects(session.stage(task(share), events(), never), { problem: "damaged" });
  assert.deepEqual(pictureOf(home.config), was);
});

test("add-ons: data goes to the slug's folder, the description is remembered, the rest is named", async () => {
  using home = new TestHome();
  grow(`${home.folder}/addon_data/core_mosquitto`, { old: "old" });
  grow(`${home.paths.dataDir}/addons`, {
    "other.json": "{}",
    "core_mosquitto.json": "old description",
  });
  const was = [pictureOf(`${home.folder}/addon_data`), pictureOf(`${home.paths.dataDir}/addons`)];
  const addon = task({ kind: "addon", slug: "core_mosquitto" });
  const staged = events(
    { path: "." },
    { path: "addon.json", text: '{"a":1}' },
    { path: "apparmor.txt", text: "x" },
    { path: "image.tar", text: "y" },
    { path: "data" },
    { path: "data/x", text: "x" },
    { path: "config" },
    { path: "config/a", text: "a" },
    { path: "config/b", text: "b" },
  );
  {
    await using session = await home.open();
    const { notes, files } = await session.stage(addon, staged, never);
    assert.deepEqual(
      notes.map(({ path, problem }) => [path, problem]),
      [
        ["apparmor.txt", "no-home"],
        ["image.tar", "no-home"],
        ["config", "no-home"],
      ],
    );
    assert.equal(files, 1);
    assert.equal(
      readFileSync(`${home.paths.dataDir}/addons/core_mosquitto.json`, "utf8"),
      "old description",
    );
    await session.swap(() => undefined, never);
  }
  assert.deepEqual(readdirSync(`${home.folder}/addon_data/core_mosquitto`), [".safehouse", "x"]);
  assert.equal(readFileSync(`${home.paths.dataDir}/addons/core_mosquitto.json`, "utf8"), '{"a":1}');
  assert.equal(lstatSync(`${home.paths.dataDir}/addons/core_mosquitto.json`).mode & 0o777, 0o600);
  assert.equal(readFileSync(`${home.paths.dataDir}/addons/other.json`, "utf8"), "{}");
  await undo(home.home, drop, never);
  assert.deepEqual(
    [pictureOf(`${home.folder}/addon_data`), pictureOf(`${home.paths.dataDir}/addons`)],
    was,
  );
});

test("parts without a home are noted and change nothing", async () => {
  using home = new TestHome();
  await using session = await home.open();
  for (const part of [
    { kind: "supervisor" },
    { kind: "folder", name: "media" },
    { kind: "addon", slug: "../x" },
  ] as const) {
    const { notes } = await session.stage(task(part), events({ path: "x", text: "x" }), never);
    assert.deepEqual(
      notes.map(({ problem }) => problem),
      ["no-home"],
    );
  }
  await assert.rejects(
    session.swap(() => undefined, never),
    { problem: "usage" },
  );
});

test("a folder that does not exist is made, and an undo removes it again", async () => {
  using home = new TestHome({ ssl: undefined });
  const deep = `${home.folder}/not/yet/there`;
  using other = new TestHome({ share: deep });
  await other.restore([[task(share), events({ path: "." }, { path: "a", text: "a" })]]);
  assert.equal(readFileSync(`${deep}/a`, "utf8"), "a");
  await undo(other.home, { ...drop, dropNewer: false }, never);
  assert.ok(!existsSync(`${home.folder}/not`));
});

test("a root that is a link is restored into where it points, and the link stays", async () => {
  using home = new TestHome();
  grow(`${home.folder}/real`, { a: "a" });
  symlinkSync("real", `${home.folder}/share`);
  await home.restore([[task(share), events({ path: "." }, { path: "b", text: "b" })]]);
  assert.equal(readlinkSync(`${home.folder}/share`), "real");
  assert.equal(readFileSync(`${home.folder}/real/b`, "utf8"), "b");
});

test("Safehouse's own data inside of a root is never touched", async () => {
  using home = new TestHome();
  using inner = new TestHome({ config: home.config, dataDir: `${home.config}/deep/safehouse` });
  grow(home.config, {
    "deep/safehouse/state.db": "state",
    "deep/x": "x",
    ".safehouse/mine": "mine",
    "sub/.safehouse/old": "old",
  });
  await inner.restore(
    [
      [
        task(configPart),
        events(
          { path: "data" },
          { path: "data/deep", text: "file" },
          { path: "data/a", text: "a" },
        ),
      ],
    ],
    { exact: true },
  );
  assert.equal(readFileSync(`${home.config}/deep/safehouse/state.db`, "utf8"), "state");
  assert.equal(readFileSync(`${home.config}/.safehouse/mine`, "utf8"), "mine");
  assert.equal(readFileSync(`${home.config}/sub/.safehouse/old`, "utf8"), "old");
  assert.equal(readFileSync(`${home.config}/a`, "utf8"), "a");
});

test("two parts in one another are both restored, each by itself", async () => {
  using home = new TestHome();
  using inner = new TestHome({ config: home.config, share: `${home.config}/share` });
  grow(home.config, { a: "a", "share/b": "b" });
  const was = pictureOf(home.config);
  await inner.restore([
    [
      task(configPart),
      events({ path: "data" }, { path: "data/c", text: "c" }, { path: "data/share/x", text: "x" }),
    ],
    [task(share), events({ path: "." }, { path: "d", text: "d" })],
  ]);
  assert.deepEqual(readdirSync(`${home.config}/share`), [".safehouse", "d"]);
  await undo(inner.home, drop, never);
  assert.deepEqual(pictureOf(home.config), was);
});

test("an undo is replaced only with consent, and kept until the new restore is in place", async () => {
  using home = new TestHome();
  grow(`${home.folder}/share`, { a: "a" });
  await home.restore([[task(share), events({ path: "." }, { path: "b", text: "b" })]]);
  await assert.rejects(home.open(), { problem: "confirmation-needed" });
  {
    await using session = await home.open({ replaceUndo: true, name: "Second" });
    await session.stage(task(share), events({ path: "." }, { path: "c", text: "c" }), never);
  }
  assert.equal(undoState(home.home)?.name, "Test");
  await home.restore([[task(share), events({ path: "." }, { path: "c", text: "c" })]], {
    replaceUndo: true,
    name: "Second",
  });
  assert.equal(undoState(home.home)?.name, "Second");
  assert.equal(readdirSync(`${home.folder}/share/.safehouse`).length, 1);
  await undo(home.home, drop, never);
  assert.deepEqual(readdirSync(`${home.folder}/share`), ["b"]);
});

test("an undo is kept for seven days", async () => {
  using home = new TestHome();
  grow(`${home.folder}/share`, { a: "a" });
  await home.restore([[task(share), events({ path: "." }, { path: "b", text: "b" })]]);
  home.now += 7 * 24 * 3600 * 1000 - 1;
  assert.deepEqual(await recover(home.home, never), { actions: [] });
  assert.equal(undoState(home.home)?.bytes, 1);
  const time = lstatSync(`${home.folder}/share`).mtimeMs;
  home.now += 1;
  assert.equal(undoState(home.home), undefined);
  assert.equal((await recover(home.home, never)).actions.length, 1);
  assert.deepEqual(readdirSync(`${home.folder}/share`), ["b"]);
  assert.equal(lstatSync(`${home.folder}/share`).mtimeMs, time);
  await assert.rejects(undo(home.home, drop, never), { problem: "not-found" });
});

test("a stage that fails leaves the home as it was and the session usable", async () => {
  using home = new TestHome();
  grow(home.config, before);
  grow(`${home.folder}/share`, { a: "a" });
  const was = pictureOf(home.config);
  await using session = await home.open();
  async function* torn(): AsyncGenerator<never[], void, undefined> {
    yield* events(...archived) as AsyncGenerator<never[]>;
    throw new Error("torn");
  }
  await assert.rejects(session.stage(task(configPart), torn(), never), /torn/);
  assert.deepEqual(pictureOf(home.config), was);
  assert.ok(!existsSync(`${home.config}/.safehouse`));
  await session.stage(task(share), events({ path: "." }, { path: "b", text: "b" }), never);
  await session.swap(() => undefined, never);
  assert.deepEqual(pictureOf(home.config), was);
  assert.equal(readFileSync(`${home.folder}/share/b`, "utf8"), "b");
});

test("content that does not fit its header is refused as damaged", async () => {
  using home = new TestHome();
  await using session = await home.open();
  await assert.rejects(
    session.stage(task(share), events({ path: "a", text: "abc", size: 4 }), never),
    { problem: "damaged" },
  );
  await assert.rejects(
    session.stage(task(share), events({ path: "a", text: "abc", size: 2 }), never),
    { problem: "damaged" },
  );
});

test("cancelling during the stage changes nothing", async () => {
  using home = new TestHome();
  grow(`${home.folder}/share`, { a: "a" });
  const was = pictureOf(`${home.folder}/share`);
  await using session = await home.open();
  await assert.rejects(
    session.stage(task(share), events({ path: "b", text: "b" }), AbortSignal.abort()),
    { problem: "cancelled" },
  );
  await session[Symbol.asyncDispose]();
  assert.deepEqual(pictureOf(`${home.folder}/share`), was);
});

test("mtime of a folder that only lost entries stays its own", async () => {
  using home = new TestHome();
  grow(home.config, { "x/keep.log": "", "y/a": "a" });
  grow(home.config, { "backups/a.tar": "a" });
  utimesSync(home.config, 1_500_000_000, 1_500_000_000);
  await home.restore([[task(configPart), events({ path: "data/b", text: "b" })]]);
  assert.equal(lstatSync(home.config).mtimeMs, 1_500_000_000_000);
});

test("a data folder that is reached through a link is still ours", async () => {
  using home = new TestHome();
  grow(home.config, { "safehouse/state.db": "state", a: "a" });
  symlinkSync("config/safehouse", `${home.folder}/link`);
  using linked = new TestHome({ config: home.config, dataDir: `${home.folder}/link` });
  await linked.restore([
    [task(configPart), events({ path: "data" }, { path: "data/b", text: "b" })],
  ]);
  assert.equal(readFileSync(`${home.config}/safehouse/state.db`, "utf8"), "state");
  await undo(linked.home, drop, never);
  assert.equal(readFileSync(`${home.config}/a`, "utf8"), "a");
});
