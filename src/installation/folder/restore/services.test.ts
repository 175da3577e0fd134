import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { databaseInUse } from "./database-in-use.ts";
import { readUndo, writeJournal } from "./journal.ts";
import { takeLease } from "./lease.ts";
import { ownIdentity } from "./process-identity.ts";
import { recover } from "./recover.ts";
import {
  configPart,
  events,
  grow,
  never,
  pictureOf,
  share,
  task,
  TestHome,
} from "./testing/home-fixture.ts";
import { undo } from "./undo.ts";

const archived = [{ path: "data" }, { path: "data/a", text: "new" }];

/** Another process with a connection to a database, in WAL mode, that does nothing. */
async function idleConnection(path: string): Promise<ChildProcess> {
  const script = `const { DatabaseSync } = require("node:sqlite");
    const database = new DatabaseSync(process.argv[1]);
    database.exec("PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS a (b); INSERT INTO a VALUES (1)");
    console.log("ready"); setInterval(() => {}, 1000)`;
  return ready(
    spawn(process.execPath, ["-e", script, path], { stdio: ["ignore", "pipe", "inherit"] }),
  );
}

async function ready(child: ChildProcess): Promise<ChildProcess> {
  if (child.stdout) await once(child.stdout, "data");
  return child;
}

async function end(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

/** Processes started by this test are family; one that got a parent of its own is not. */
async function stranger(command: string): Promise<number> {
  const child = spawn("/bin/sh", ["-c", `(${command}) >/dev/null 2>&1 & echo $!`], {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  const [text] = (await once(child.stdout, "data")) as [Buffer];
  await once(child, "exit");
  const pid = Number(text.toString());
  // The shell of the brackets is there for a moment before it has become the command.
  if (existsSync("/proc/self/comm"))
    while (readFileSync(`/proc/${pid}/comm`, "utf8") !== "sleep\n") await pause(5);
  return pid;
}

test("an idle connection of another process to a database in WAL mode is seen, and nothing is changed", async () => {
  using home = new TestHome();
  mkdirSync(home.config);
  const path = `${home.config}/home-assistant_v2.db`;
  const child = await idleConnection(path);
  const was = pictureOf(home.config);
  assert.equal(databaseInUse(path, `${home.config}/.safehouse/probe`), true);
  await end(child);
  assert.equal(databaseInUse(path, `${home.config}/.safehouse/probe`), false);
  assert.deepEqual(pictureOf(home.config).slice(1), was.slice(1));
  assert.ok(lstatSync(`${path}-wal`).size > 0, "the left-over journal is not folded in");
  using database = new DatabaseSync(path);
  assert.equal(database.prepare("SELECT count(*) AS n FROM a").get()?.["n"], 1);
});

test("the second name that a killed undo has left of a database goes, and the undo still works", async () => {
  using home = new TestHome();
  const path = `${home.config}/home-assistant_v2.db`;
  grow(home.config, { a: "old" });
  await home.restore([[task(configPart), events(...archived)]], { stopped: true });
  const kept = readUndo(home.paths.dataDir);
  assert.ok(kept !== undefined);
  const probe = `${home.config}/.safehouse/restore-${kept.id}/probe`;
  for (const wasKilled of [true, false]) {
    grow(home.config, { "home-assistant_v2.db": "a database" });
    mkdirSync(probe, { recursive: true });
    linkSync(path, `${probe}/probe.db`);
    if (!wasKilled) break;
    writeJournal(home.paths.dataDir, { ...kept, kind: "undo", phase: "stopping" });
    await recover(home.home, never);
    assert.equal(lstatSync(path).nlink, 1);
    assert.ok(!existsSync(probe));
    rmSync(path);
  }
  assert.equal(databaseInUse(path, probe), false);
  assert.equal(lstatSync(path).nlink, 1);
});

test("a home whose database is open is refused, unless it is said to be stopped", async () => {
  using home = new TestHome();
  grow(home.config, { a: "old" });
  const child = await idleConnection(`${home.config}/home-assistant_v2.db`);
  const time = lstatSync(home.config).mtimeMs;
  await assert.rejects(home.open({ stopped: false, parts: [configPart] }), {
    problem: "home-alive",
    message: /has the database .* open/,
  });
  await assert.rejects(home.open({ stopped: false, parts: [configPart, share] }), {
    problem: "home-alive",
  });
  assert.ok(!existsSync(`${home.config}/.safehouse`));
  assert.equal(lstatSync(home.config).mtimeMs, time);
  {
    await using session = await home.open({ stopped: false });
    await assert.rejects(session.checkSpace([task(configPart)]), { problem: "home-alive" });
    await session.stage(task(share), events({ path: "a", text: "a" }), never);
    await session.swap(() => undefined, never);
  }
  await home.restore([[task(configPart), events(...archived)]], {
    stopped: true,
    replaceUndo: true,
  });
  assert.equal(readFileSync(`${home.config}/a`, "utf8"), "new");
  await end(child);
});

test(
  "a process that works in the home or has a file of it open is seen",
  { skip: !existsSync("/proc/self/fd") && "no /proc here" },
  async () => {
    using home = new TestHome();
    grow(home.config, { a: "old" });
    for (const command of [
      `cd ${home.config} && exec sleep 60`,
      `exec sleep 60 3<${home.config}/a`,
    ]) {
      const pid = await stranger(command);
      try {
        await assert.rejects(home.open({ stopped: false, parts: [configPart] }), {
          problem: "home-alive",
          message: /Process \d+ \(sleep\)/,
        });
      } finally {
        process.kill(pid, "SIGKILL");
      }
    }
  },
);

test("Home Assistant's own lock file counts while its process lives", async () => {
  using home = new TestHome();
  grow(home.config, { a: "old" });
  const pid = await stranger("exec sleep 60");
  writeFileSync(`${home.config}/.ha_run.lock`, JSON.stringify({ pid, version: 1 }));
  await assert.rejects(home.open({ stopped: false, parts: [configPart] }), {
    problem: "home-alive",
    message: /ha_run\.lock/,
  });
  writeFileSync(
    `${home.config}/.ha_run.lock`,
    JSON.stringify({ pid, version: 1, start_ts: 1_500_000_000 }),
  );
  await (await home.open({ stopped: false, parts: [configPart] }))[Symbol.asyncDispose]();
  process.kill(pid, "SIGKILL");
});

test("the stop command runs before the swap and the start command after it", async () => {
  using home = new TestHome();
  grow(home.config, { a: "old" });
  const log = `${home.folder}/log`;
  const options = {
    stopped: false,
    stopCommand: `cat ${home.config}/a >> ${log}`,
    startCommand: `cat ${home.config}/a >> ${log}`,
  };
  await home.restore([[task(configPart), events(...archived)]], options);
  assert.equal(readFileSync(log, "utf8"), "oldnew");
  await undo(home.home, { ...options, dropNewer: false }, never);
  assert.equal(readFileSync(log, "utf8"), "oldnewnewold");
});

test("an undo does not run the start command of the restore", async () => {
  using home = new TestHome();
  grow(home.config, { a: "old" });
  const log = `${home.folder}/log`;
  await home.restore([[task(configPart), events(...archived)]], {
    stopCommand: "true",
    startCommand: `echo start >> ${log}`,
  });
  await undo(home.home, { stopped: true, dropNewer: false }, never);
  assert.equal(readFileSync(log, "utf8"), "start\n");
});

test("a stop command that fails changes nothing, tells why, and starts again", async () => {
  using home = new TestHome();
  grow(home.config, { a: "old" });
  const was = pictureOf(home.config);
  const log = `${home.folder}/log`;
  const options = {
    stopCommand: "echo no such container >&2; exit 3",
    startCommand: `echo start >> ${log}`,
  };
  await assert.rejects(home.restore([[task(configPart), events(...archived)]], options), {
    problem: "command-failed",
    message: /ended with 3: no such container/,
  });
  assert.deepEqual(pictureOf(home.config), was);
  assert.equal(readFileSync(log, "utf8"), "start\n");
  assert.ok(!existsSync(`${home.config}/.safehouse`));
});

test("a home that is alive after the stop command is refused and started again", async () => {
  using home = new TestHome();
  grow(home.config, { a: "old" });
  const log = `${home.folder}/log`;
  const child = await idleConnection(`${home.config}/home-assistant_v2.db`);
  const options = { stopped: false, stopCommand: "true", startCommand: `echo start >> ${log}` };
  await assert.rejects(home.restore([[task(configPart), events(...archived)]], options), {
    problem: "home-alive",
  });
  assert.equal(readFileSync(`${home.config}/a`, "utf8"), "old");
  assert.equal(readFileSync(log, "utf8"), "start\n");
  await end(child);
});

test("a start command that fails is a warning, and the restore stands", async () => {
  using home = new TestHome();
  grow(home.config, { a: "old" });
  const { warnings, service } = await home.restore([[task(configPart), events(...archived)]], {
    stopCommand: "true",
    startCommand: "echo broken; false",
    checkUrl: "http://127.0.0.1:1",
  });
  assert.equal(service, "not-running");
  assert.equal(warnings.length, 1, "what did not start is not asked");
  assert.match(warnings.join(), /The command to start Home Assistant ended with 1: broken/);
  assert.equal(readFileSync(`${home.config}/a`, "utf8"), "new");
});

test("Home Assistant is asked whether it answers after its start, and an undo asks again", async () => {
  using home = new TestHome();
  grow(home.config, { a: "old" });
  const port = `${home.folder}/port`;
  const server = `require("node:http").createServer((_, answer) => answer.end()).listen(0, "127.0.0.1", function () {
    require("node:fs").writeFileSync(${JSON.stringify(port)}, String(this.address().port)); })`;
  const child = spawn(process.execPath, ["-e", server], { stdio: "inherit" });
  try {
    while (!existsSync(port) || readFileSync(port, "utf8") === "") await pause(20);
    const checkUrl = `http://127.0.0.1:${readFileSync(port, "utf8")}/`;
    const options = { stopped: true, stopCommand: "true", startCommand: "true", checkUrl };
    const restored = await home.restore([[task(configPart), events(...archived)]], options);
    assert.deepEqual([restored.service, restored.warnings], ["answers", []]);
    const undone = await undo(home.home, { ...options, dropNewer: false }, never);
    assert.equal(undone.service, "answers");
  } finally {
    await end(child);
  }
});

test("a Home Assistant that does not answer is told, and the restore stands", async () => {
  using home = new TestHome();
  grow(home.config, { a: "old" });
  const giveUp = new AbortController();
  await using session = await home.open({
    stopCommand: "true",
    startCommand: "true",
    checkUrl: "http://127.0.0.1:1/",
  });
  await session.stage(task(configPart), events(...archived), never);
  const swapping = session.swap(({ step }) => {
    if (step === "start") setTimeout(() => giveUp.abort(), 1500);
  }, giveUp.signal);
  const { service, warnings } = await swapping;
  assert.equal(service, "not-running");
  assert.match(warnings.join(), /does not answer at http:\/\/127\.0\.0\.1:1\/ \(.*look at its log/);
  assert.equal(readFileSync(`${home.config}/a`, "utf8"), "new");
});

test("one restore at a time: the second is told who and since when", async () => {
  using home = new TestHome();
  await using _session = await home.open();
  await assert.rejects(home.open(), {
    problem: "busy",
    message: new RegExp(`process ${process.pid} since 2026-01-02T00:00:00`),
  });
  await assert.rejects(undo(home.home, { stopped: true, dropNewer: true }, never), {
    problem: "busy",
  });
  assert.match((await recover(home.home, never)).actions.join(), /left alone/);
});

test("a dead owner's lease is taken over, also when its pid lives on in another process", async () => {
  using home = new TestHome();
  const folder = `${home.paths.dataDir}/restore`;
  mkdirSync(folder, { recursive: true });
  const owner = { ...ownIdentity(), id: "x", purpose: "A restore", since: "2026-01-01" };
  for (const dead of [
    { ...owner, pid: 4_000_000 },
    { ...owner, start: "1" },
    { ...owner, boot: "another" },
  ]) {
    writeFileSync(`${folder}/lease.json`, JSON.stringify(dead));
    await (await home.open())[Symbol.asyncDispose]();
  }
  writeFileSync(`${folder}/lease.json`, "torn");
  await (await home.open())[Symbol.asyncDispose]();
  assert.deepEqual(readdirSync(folder), []);
});

test("of many that find a dead lease exactly one takes it", async () => {
  using home = new TestHome();
  const folder = `${home.paths.dataDir}/restore`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    `${folder}/lease.json`,
    JSON.stringify({
      ...ownIdentity(),
      start: "1",
      id: "x",
      purpose: "A restore",
      since: "2026-01-01",
    }),
  );
  const attempts = Array.from({ length: 8 }, () =>
    takeLease(folder, { purpose: "A restore", now: 0 }, never),
  );
  const results = await Promise.allSettled(attempts);
  assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
  for (const result of results) if (result.status === "fulfilled") result.value[Symbol.dispose]();
});

test("two parts that are set to one folder are refused", async () => {
  using home = new TestHome();
  using both = new TestHome({ config: home.config, share: home.config });
  grow(home.config, { a: "a" });
  await assert.rejects(both.open({ parts: [configPart, share] }), { problem: "usage" });
});

test("a root that is no folder is refused", async () => {
  using home = new TestHome();
  rmSync(home.config, { force: true });
  writeFileSync(home.config, "a file");
  await assert.rejects(home.open({ parts: [configPart] }), { problem: "unsupported" });
});

test("a start command that fails after a failed restore is told with it", async () => {
  using home = new TestHome();
  grow(home.config, { a: "old" });
  const options = { stopCommand: "echo first; false", startCommand: "echo second; false" };
  await assert.rejects(home.restore([[task(configPart), events(...archived)]], options), {
    problem: "command-failed",
    message: /first.*second/,
  });
});

test("a failure of the file system during the swap is told as a problem, with everything back", async () => {
  using home = new TestHome();
  grow(home.config, { a: "old" });
  const was = pictureOf(home.config);
  home.onStep = (step) => {
    if (step.startsWith("moved"))
      throw Object.assign(new Error("EXDEV: cross-device link"), {
        code: "EXDEV",
        syscall: "rename",
      });
  };
  const restored = home.restore([[task(configPart), events(...archived)]]);
  // Taking it back meets the same failure, so nothing but recovery may touch the home.
  await assert.rejects(restored, { problem: "incomplete" });
  home.onStep = () => undefined;
  assert.match((await recover(home.home, never)).actions.join(), /the state before it is back/);
  assert.deepEqual(pictureOf(home.config), was);
});
