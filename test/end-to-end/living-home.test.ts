import assert from "node:assert/strict";
import { execFile, fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { damageHome } from "#test/damage-home.ts";
import { readDatabase } from "#test/database-rows.ts";
import { stageFolders } from "#test/leftovers.ts";
import { loops } from "#test/loops.ts";
import { Bench, documentOf, describe } from "#test/safehouse.ts";
import { samePicture } from "#test/same-picture.ts";
import { pictureOf } from "#test/tree-picture.ts";

const script = fileURLToPath(new URL("../support/recorder-writer.ts", import.meta.url));
const longestWaitInMs = 2000;

test("a busy recorder is never held up by a backup, and every copy of it is whole", async () => {
  using bench = new Bench({ rows: 20_000 });
  const writer = await Writer.start(bench);
  const files: string[] = [];
  for (let round = 0; round < loops(2); round += 1)
    files.push((await bench.json("backups", "new", "--homeassistant")).text("fileName"));
  const { rows, longestInMs } = await writer.stop();
  assert.ok(longestInMs < longestWaitInMs, `one commit took ${longestInMs} ms`);
  let before = 0;
  for (const [index, file] of files.entries()) {
    const to = `${bench.folder}/out-${index}`;
    await bench.json("archive", "extract", `${bench.location}/${file}`, "--to", to);
    const query =
      "SELECT count(*) AS count, min(state_id) AS first, max(state_id) AS last FROM states";
    const { integrity, rows: found } = readDatabase(
      `${to}/homeassistant/data/home-assistant_v2.db`,
      query,
    );
    assert.equal(integrity, "ok");
    const { count, first, last } = found[0] ?? {};
    assert.deepEqual([first, last], [1, count], "no row is missing in between");
    assert.ok(Number(count) > before && Number(count) <= 20_000 + rows, `${String(count)} rows`);
    assert.equal(Number(count) % 5, 0, "commits are in it whole");
    before = Number(count);
  }
});

test("a home that is alive is not restored over, unless somebody says how to stop it", async () => {
  using bench = new Bench();
  const slug = (await bench.json("backups", "new")).text("slug");
  damageHome(bench.home);
  const service = new Service(bench);
  await service.startBy(bench);
  const before = picture(bench.home);
  const refused = await bench.run("backups", "restore", slug, "--json");
  assert.equal(refused.code, 41, describe(refused));
  assert.equal(documentOf(refused).at("error", "problem"), "home-alive");
  samePicture(picture(bench.home), before);
  assert.ok(service.runs());

  const failing = ["--stop-command", "exit 7", "--start-command", service.startCommand];
  const notStopped = await bench.run("backups", "restore", slug, "--json", ...failing);
  assert.equal(notStopped.code, 44, describe(notStopped));
  samePicture(picture(bench.home), before);
  assert.ok(service.runs());

  const kept = ["--stop-command", "true", "--start-command", "true"];
  const stillThere = await bench.run("backups", "restore", slug, ...kept);
  assert.equal(stillThere.code, 41, describe(stillThere));
  samePicture(picture(bench.home), before);

  await bench.json("backups", "restore", slug, ...service.flags);
  assert.ok(service.runs(), "it was started again");
  await service.stop();
  assert.equal(
    readDatabase(
      `${bench.home}/config/home-assistant_v2.db`,
      "SELECT * FROM states WHERE state_id <= 500",
    ).rows.length,
    500,
  );
});

test("the service runs again after a restore that fails", async () => {
  using bench = new Bench();
  const slug = (await bench.json("backups", "new")).text("slug");
  damageHome(bench.home);
  const service = new Service(bench);
  await service.startBy(bench);
  const before = picture(bench.home);
  // What the service leaves behind when it ends keeps the home looking alive.
  const stop = `${service.stopCommand}; sleep 60 < '${bench.home}/config/home-assistant_v2.db' > /dev/null 2>&1 & echo $! > '${bench.folder}/sleeper'`;
  const outcome = await bench.run(
    "backups",
    "restore",
    slug,
    "--stop-command",
    stop,
    "--start-command",
    service.startCommand,
  );
  process.kill(Number(readFileSync(`${bench.folder}/sleeper`, "utf8")));
  assert.equal(outcome.code, 41, describe(outcome));
  samePicture(picture(bench.home), before);
  assert.deepEqual(stageFolders(bench.home), []);
  assert.ok(service.runs(), "it was started again");
  await service.stop();
});

async function shell(command: string): Promise<void> {
  await promisify(execFile)("sh", ["-c", command]);
}

/** A writer as a child of the test. */
class Writer {
  readonly #child: ChildProcess;
  readonly #report: string;

  private constructor(child: ChildProcess, report: string) {
    this.#child = child;
    this.#report = report;
  }

  static async start(bench: Bench): Promise<Writer> {
    const report = `${bench.folder}/report`;
    const child = fork(script, [`${bench.home}/config/home-assistant_v2.db`, report]);
    await once(child, "message");
    return new Writer(child, report);
  }

  async stop(): Promise<{ readonly rows: number; readonly longestInMs: number }> {
    this.#child.kill();
    await once(this.#child, "exit");
    return JSON.parse(readFileSync(this.#report, "utf8")) as { rows: number; longestInMs: number };
  }
}

/** A writer that is stopped and started by commands, as a container is. */
class Service {
  readonly #folder: string;
  readonly startCommand: string;
  readonly stopCommand: string;

  constructor({ folder, home }: Bench) {
    this.#folder = folder;
    const scripts = { start: `${folder}/start.sh`, stop: `${folder}/stop.sh` };
    const pid = `${folder}/pid`;
    const database = `${home}/config/home-assistant_v2.db`;
    const run = `'${process.execPath}' '${script}' '${database}' '${folder}/report'`;
    // As with a container, starting what runs does nothing.
    writeFileSync(
      scripts.start,
      `test -e '${pid}' && exit 0\n${run} > /dev/null 2>&1 & echo $! > '${pid}'\n`,
    );
    writeFileSync(
      scripts.stop,
      `kill $(cat '${pid}')\nwhile kill -0 $(cat '${pid}') 2> /dev/null; do sleep 0.05; done\nrm '${pid}'\n`,
    );
    this.startCommand = `sh '${scripts.start}'`;
    this.stopCommand = `sh '${scripts.stop}'`;
  }

  get flags(): readonly string[] {
    return ["--stop-command", this.stopCommand, "--start-command", this.startCommand];
  }

  runs(): boolean {
    const pid = `${this.#folder}/pid`;
    return existsSync(pid) && existsSync(`/proc/${readFileSync(pid, "utf8").trim()}`);
  }

  async startBy(bench: Bench): Promise<void> {
    await shell(this.startCommand);
    // It is alive for others once it has its database open.
    while (!existsSync(`${bench.home}/config/home-assistant_v2.db-wal`)) await shell("sleep 0.05");
  }

  async stop(): Promise<void> {
    await shell(this.stopCommand);
  }
}

/** The writer's own files change all the time, and with them the time of their folder. */
function picture(home: string): string[] {
  return pictureOf(home, (path) => /\.db(-wal|-shm)?$/.test(path)).filter(
    (line) => !line.startsWith('"config" '),
  );
}
