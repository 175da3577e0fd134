import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { readUndo } from "./journal.ts";
import { recover } from "./recover.ts";
import {
  configPart,
  copyTree,
  events,
  grow,
  never,
  pictureOf,
  share,
  task,
  TestHome,
} from "./testing/home-fixture.ts";
import type { Tree } from "./testing/home-fixture.ts";
import { undo } from "./undo.ts";

const before: Tree = {
  "configuration.yaml": "old:",
  ".storage/auth": "old auth",
  "www/a/b": "b",
  "www/a/empty": null,
  "www/link": { link: "a/b" },
  "only/old": "old",
  "merged/x.pyc": "x",
  "merged/__pycache__/y.pyc": "y",
  "backups/mine.tar": "mine",
};

const archived = [
  { path: "data", mode: 0o750 },
  { path: "data/configuration.yaml", text: "new:" },
  { path: "data/.storage" },
  { path: "data/.storage/auth", text: "new auth" },
  { path: "data/www" },
  { path: "data/www/c", text: "c" },
  { path: "data/only", text: "a file now" },
  { path: "data/merged", mode: 0o700 },
  { path: "data/merged/z", text: "z" },
  { path: "data/added" },
];

let copied = 0;
const loops = Number(process.env["SAFEHOUSE_TEST_LOOPS"] ?? "1");
/** Nested and repeated cuts are sampled: all of them take half a minute. */
const stride = Math.max(1, Math.round(5 / loops));
const addon = task({ kind: "addon", slug: "x" });
const drop = { stopped: true, dropNewer: true };

/** Hundreds of homes are flushed again and again: where there is a file system in memory, that costs nothing. */
const base = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

function grownHome(): TestHome {
  const home = new TestHome({ ssl: undefined }, base);
  grow(home.config, before);
  grow(`${home.folder}/share`, { a: "a" });
  return home;
}

/** Pictures of all that a restore may change. */
function picture(home: TestHome): string {
  const folders = [
    home.config,
    `${home.folder}/share`,
    `${home.folder}/addon_data/x`,
    `${home.paths.dataDir}/addons`,
  ];
  return JSON.stringify(folders.map((folder) => pictureOf(folder)));
}

async function restoreAll(home: TestHome, options: { log: string }): Promise<void> {
  await home.restore(
    [
      [task(configPart), events(...archived)],
      [task(share), events({ path: "." }, { path: "b", text: "b" })],
      [
        addon,
        events({ path: "addon.json", text: "{}" }, { path: "data" }, { path: "data/d", text: "d" }),
      ],
    ],
    {
      replaceUndo: true,
      stopCommand: `echo stop >> ${options.log}`,
      startCommand: `echo start >> ${options.log}`,
    },
  );
}

/** Stops the world after every change: each copy is what a power cut at that moment would leave. */
async function copiesDuring(home: TestHome, act: () => Promise<unknown>): Promise<string[]> {
  const copies: string[] = [];
  home.onStep = () => {
    copied += 1;
    const copy = `${home.folder}-copy-${copied}`;
    copyTree(home.folder, copy);
    copies.push(copy);
  };
  await act();
  home.onStep = () => undefined;
  return copies;
}

/** The owner of the lease in a copy is this test itself; make it one that is dead. */
function goBackTo(home: TestHome, copy: string): void {
  rmSync(home.folder, { recursive: true });
  renameSync(copy, home.folder);
  killOwner(home);
}

function killOwner(home: TestHome): void {
  const path = `${home.paths.dataDir}/restore/lease.json`;
  if (!existsSync(path)) return;
  const lease = JSON.parse(readFileSync(path, "utf8")) as { start: string };
  writeFileSync(path, JSON.stringify({ ...lease, start: "1" }));
}

function assertNothingLeft(home: TestHome): void {
  assert.ok(!existsSync(`${home.paths.dataDir}/restore/journal.json`));
  assert.ok(!existsSync(`${home.paths.dataDir}/restore/lease.json`));
  const kept = readUndo(home.paths.dataDir);
  for (const folder of [home.config, `${home.folder}/share`]) {
    const ours = existsSync(`${folder}/.safehouse`) ? readdirSync(`${folder}/.safehouse`) : [];
    assert.deepEqual(ours, kept === undefined ? [] : [`restore-${kept.id}`]);
    for (const name of ours) assert.deepEqual(readdirSync(`${folder}/.safehouse/${name}`), ["old"]);
  }
}

test("a restore that is cut off after any step ends wholly old or wholly new, and can be undone", async () => {
  using home = grownHome();
  const old = picture(home);
  const log = `${home.folder}/log`;
  const copies = await copiesDuring(home, () => restoreAll(home, { log }));
  const fresh = picture(home);
  assert.notEqual(old, fresh);
  const ends: string[] = [];
  for (const [index, copy] of copies.entries()) {
    goBackTo(home, copy);
    const { actions } = await recover(home.home, never);
    const now = picture(home);
    assert.ok(
      now === old || now === fresh,
      `after step ${index} the home is a mixture: ${actions.join()}`,
    );
    ends.push(now === old ? "old" : "new");
    assertNothingLeft(home);
    const commands = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
    if (commands.includes("stop"))
      assert.equal(commands.at(-1), "start", `after step ${index} nobody started`);
    if (readUndo(home.paths.dataDir) !== undefined) await undo(home.home, drop, never);
    assert.equal(picture(home), old, `after step ${index} the undo is not exact`);
  }
  assert.ok(ends.includes("old") && ends.includes("new"));
  assert.equal(
    ends.toSorted((a, b) => (a < b ? 1 : -1)).join(),
    ends.join(),
    "once new, always new",
  );
});

test("an undo that is cut off after any step ends wholly old or wholly new, and can be tried again", async () => {
  using home = grownHome();
  const old = picture(home);
  await restoreAll(home, { log: `${home.folder}/log` });
  const fresh = picture(home);
  const copies = await copiesDuring(home, () => undo(home.home, drop, never));
  assert.equal(picture(home), old);
  for (const [index, copy] of copies.entries()) {
    goBackTo(home, copy);
    await recover(home.home, never);
    const now = picture(home);
    assert.ok(now === old || now === fresh, `after step ${index} the home is a mixture`);
    if (now === fresh) await undo(home.home, drop, never);
    assert.equal(picture(home), old);
    assertNothingLeft(home);
  }
});

test("an undo that is cut off before it has put the time of a root back brings it back in the end", async () => {
  using home = grownHome();
  const old = picture(home);
  await restoreAll(home, { log: `${home.folder}/log` });
  const copies = await copiesDuring(home, () => undo(home.home, drop, never));
  let cut = 0;
  for (const copy of copies) {
    goBackTo(home, copy);
    const journal = `${home.paths.dataDir}/restore/journal.json`;
    const committed =
      existsSync(journal) && readFileSync(journal, "utf8").includes('"phase":"committed"');
    if (!committed || !existsSync(`${home.folder}/share/.safehouse`)) continue;
    rmSync(`${home.folder}/share/.safehouse`, { recursive: true });
    cut += 1;
    await recover(home.home, never);
    assert.equal(picture(home), old);
  }
  assert.ok(cut > 0);
});

test("a recovery that is cut off after any step can be run again", async () => {
  using home = grownHome();
  const old = picture(home);
  const log = `${home.folder}/log`;
  const copies = await copiesDuring(home, () => restoreAll(home, { log }));
  const fresh = picture(home);
  for (const [index, copy] of copies.entries()) {
    if (index % stride !== 0) {
      rmSync(copy, { recursive: true });
      continue;
    }
    goBackTo(home, copy);
    for (const again of await copiesDuring(home, () => recover(home.home, never))) {
      goBackTo(home, again);
      await recover(home.home, never);
      const now = picture(home);
      assert.ok(now === old || now === fresh, `after step ${index} the home is a mixture`);
      assertNothingLeft(home);
    }
  }
});

test("a second restore that is cut off leaves the first one's undo or its own", async () => {
  using home = grownHome();
  const log = `${home.folder}/log`;
  await home.restore([[task(share), events({ path: "." }, { path: "first", text: "1" })]]);
  const first = picture(home);
  const copies = await copiesDuring(home, () => restoreAll(home, { log }));
  const second = picture(home);
  for (const [index, copy] of copies.entries()) {
    if (index % stride !== 0) {
      rmSync(copy, { recursive: true });
      continue;
    }
    goBackTo(home, copy);
    await recover(home.home, never);
    const now = picture(home);
    assert.ok(now === first || now === second);
    await undo(home.home, drop, never);
    const undone = pictureOf(`${home.folder}/share`).map((line) => line.split(" ")[0]);
    assert.deepEqual(undone, now === first ? ["", "a"] : ["", "first"]);
  }
});

test("a failure in the middle of a swap puts everything back and starts again", async () => {
  using home = grownHome();
  const old = picture(home);
  const log = `${home.folder}/log`;
  let moves = 0;
  home.onStep = (step) => {
    if (step.startsWith("moved") && (moves += 1) === 4) throw new Error("disk trouble");
  };
  await assert.rejects(restoreAll(home, { log }), /disk trouble/);
  home.onStep = () => undefined;
  assert.equal(picture(home), old);
  assert.equal(readFileSync(log, "utf8"), "stop\nstart\n");
  assertNothingLeft(home);
});

test("a process that is killed outright is recovered from by the next restore", async () => {
  using home = grownHome();
  const old = picture(home);
  for (const step of [2, 5, 8]) {
    const child = spawn(
      process.execPath,
      [new URL("testing/killed-restore.ts", import.meta.url).pathname, home.folder, `${step}`],
      {
        stdio: ["ignore", "ignore", "inherit"],
      },
    );
    const [, killedBy] = (await once(child, "exit")) as [number | null, string | null];
    assert.equal(killedBy, "SIGKILL");
    assert.ok(existsSync(`${home.paths.dataDir}/restore/lease.json`));
    await using session = await home.open();
    assert.equal(picture(home), old);
    await session.stage(task(share), events({ path: "." }, { path: "x", text: "x" }), never);
  }
});

test("what somebody writes in the middle of a swap is set aside, not lost", async () => {
  using home = grownHome();
  home.onStep = (step) => {
    if (step.startsWith("moved configuration.yaml") && !step.includes("/new"))
      writeFileSync(`${home.config}/configuration.yaml`, "stray");
  };
  const outcome = await home.restore([[task(configPart), events(...archived)]]);
  home.onStep = () => undefined;
  assert.match(outcome.warnings.join(), /was written while/);
  assert.equal(readFileSync(`${home.config}/configuration.yaml`, "utf8"), "new:");
  const [stage = ""] = readdirSync(`${home.config}/.safehouse`);
  const [stray = ""] = readdirSync(`${home.config}/.safehouse/${stage}/stray`);
  assert.equal(readFileSync(`${home.config}/.safehouse/${stage}/stray/${stray}`, "utf8"), "stray");
});

test("a recovery that cannot go back goes forward, and says so", async () => {
  using home = grownHome();
  const trouble = (): Error =>
    Object.assign(new Error("EIO: rename"), { code: "EIO", syscall: "rename" });
  let moves = 0;
  home.onStep = (step) => {
    if (step.startsWith("moved") && (moves += 1) >= 4) throw trouble();
  };
  const parts = [[task(configPart), events(...archived)]] as const;
  await assert.rejects(home.restore(parts), {
    problem: "incomplete",
    message: /could not be taken back/,
  });
  let failures = 0;
  home.onStep = (step) => {
    if (step.startsWith("moved") && (failures += 1) === 1) throw trouble();
  };
  const { actions } = await recover(home.home, never);
  assert.match(actions.join(), /could not be taken back .* it has been completed/);
  assert.equal(readFileSync(`${home.config}/configuration.yaml`, "utf8"), "new:");
  assert.ok(existsSync(`${home.config}/added`));
  home.onStep = () => undefined;
  await undo(home.home, drop, never);
  assert.equal(readFileSync(`${home.config}/configuration.yaml`, "utf8"), "old:");
});

test("a journal that cannot be read stops everything rather than guess", async () => {
  using home = grownHome();
  const old = picture(home);
  await restoreAll(home, { log: `${home.folder}/log` });
  writeFileSync(`${home.paths.dataDir}/restore/journal.json`, "{}");
  await assert.rejects(recover(home.home, never), { problem: "damaged" });
  await assert.rejects(home.open(), { problem: "damaged" });
  rmSync(`${home.paths.dataDir}/restore/journal.json`);
  await undo(home.home, drop, never);
  assert.equal(picture(home), old);
});

test("what a restore left that died while it wrote its first journal is removed", async () => {
  using home = grownHome();
  await home.restore([[task(configPart), events(...archived)]]);
  const folder = `${home.folder}/safehouse/restore`;
  const names = readdirSync(folder).toSorted();
  mkdirSync(`${folder}/0badcafe`);
  for (const name of ["0badcafe/0.operations", "journal.json.tmp", "undo.json.tmp", "lease.json"])
    writeFileSync(`${folder}/${name}`, "{");
  await recover(home.home, never);
  assert.deepEqual(readdirSync(folder).toSorted(), names);
  await undo(home.home, drop, never);
});
