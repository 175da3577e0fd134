import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { suite, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Bench } from "#test/safehouse.ts";
import { TestServer } from "#test/server.ts";

/** A home with a plan that keeps two backups here and on a share. */
async function withPlan(...schedule: readonly string[]): Promise<Bench> {
  const bench = new Bench();
  await bench.json("init");
  await bench.json("keys", "new");
  await bench.json("locations", "add", "nas", "--path", join(bench.folder, "nas"));
  const where = ["--location", "backup", "--location", "nas", "--keep-copies", "2"];
  await bench.json("plans", "new", "nightly", ...schedule, ...where);
  return bench;
}

function archivesAt(bench: Bench, folder: string): readonly string[] {
  return readdirSync(join(bench.folder, folder)).filter((name) => name.endsWith(".tar"));
}

function minuteNow(): number {
  return Math.floor(Date.now() / 60_000);
}

/** Somebody to tell. */
class Receiver implements AsyncDisposable {
  readonly told: string[] = [];
  readonly #server = createServer((request, response) => {
    void text(request).then((body) => {
      this.told.push(body);
      response.end();
    });
  });

  static async open(): Promise<Receiver> {
    const receiver = new Receiver();
    receiver.#server.listen(0, "127.0.0.1");
    await once(receiver.#server, "listening");
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }
}

/** Waits until something holds; what has to come within minutes comes, or the test fails. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let left = 120_000; left > 0; left -= 100) {
    if (await holds()) return;
    await pause(100);
  }
  assert.fail("It does not come about");
}

// Most of the time they wait for the next minute.
suite("plans on a server", { concurrency: true }, () => {
  test("a plan makes, delivers, verifies and prunes, whoever asks for its run", async () => {
    using bench = await withPlan("--on-request");
    await using server = await TestServer.start(bench);
    for (const _ of [1, 2, 3]) {
      const run = await server.run("/plans/nightly/run");
      assert.equal(run.at("state"), "done", JSON.stringify(run.value));
    }
    assert.equal(archivesAt(bench, "backups").length, 2);
    assert.equal(archivesAt(bench, "nas").length, 2);
    const { text: metrics } = await server.ask("/metrics");
    assert.match(metrics, /^safehouse_build_info\{version="[^"]+"\} 1$/m);
  });

  test("what a location has missed arrives when it is back, without a restart and without a new backup", async () => {
    using bench = await withPlan("--on-request");
    await using server = await TestServer.start(bench);
    await server.run("/plans/nightly/run");
    // A failure that does not pass by itself, so that the run does not wait for it.
    const marker = join(bench.folder, "nas/.safehouse/location.json");
    const mark = readFileSync(marker);
    writeFileSync(marker, "spoilt");
    const run = await server.run("/plans/nightly/run");
    assert.equal(run.at("state"), "incomplete", JSON.stringify(run.value));
    assert.equal(archivesAt(bench, "nas").length, 1);
    writeFileSync(marker, mark);
    await until(() => archivesAt(bench, "nas").length === 2);
    assert.deepEqual(archivesAt(bench, "nas"), archivesAt(bench, "backups"));
    const runs = (await server.home("/runs")).list("runs");
    const making = runs.filter((run) => run.at("steps", 0, "kind") === "make");
    assert.equal(making.length, 2);
  });

  test("a plan that is due runs by itself, and a restart neither loses nor doubles it", async () => {
    const begun = minuteNow();
    using bench = await withPlan("--cron", "* * * * *", "--catch-up");
    const first = await TestServer.start(bench);
    await until(() => archivesAt(bench, "nas").length > 0);
    await first.alone();
    await first.stop("SIGTERM");
    const listed = await bench.json("runs", "list");
    const made = listed.list("runs").filter((run) => run.at("steps", 0, "kind") === "make");
    // A minute's run may be noted in the next one: by their times they cannot be told apart.
    const minutes = minuteNow() - begun;
    assert.ok(made.length <= minutes, `${minutes} minutes have ${made.length} runs`);
    // Nothing that decides is kept in the file that may be lost.
    for (const suffix of ["", "-wal", "-shm"])
      rmSync(join(bench.dataDir, `safehouse.db${suffix}`), { force: true });
    await bench.json("backups", "list");
    await using second = await TestServer.start(bench);
    await until(() => archivesAt(bench, "nas").length === 2);
    assert.equal((await second.ask("/healthz", { token: null })).status, 200);
  });

  test("whoever wants to know is told of a plan that cannot even begin, and when it is right again", async () => {
    using bench = await withPlan("--cron", "* * * * *", "--catch-up");
    await using receiver = await Receiver.open();
    const file = join(bench.folder, "hook");
    writeFileSync(file, receiver.url);
    await bench.json("notifications", "add", "webhook", "--from-file", `url=${file}`);
    const away = `${bench.home}.away`;
    renameSync(bench.home, away);
    mkdirSync(bench.home);
    await using server = await TestServer.start(bench);
    await until(() => receiver.told.some((body) => /nightly/.test(body)));
    assert.equal(archivesAt(bench, "nas").length, 0);
    rmSync(bench.home, { recursive: true });
    renameSync(away, bench.home);
    await until(() => archivesAt(bench, "nas").length > 0);
    await until(() => receiver.told.some((body) => /recovered/.test(body)));
    assert.ok(server.said.includes("listens"));
  });
});
