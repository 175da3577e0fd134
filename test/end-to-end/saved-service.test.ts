import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { test } from "node:test";
import { commandLine } from "#test/command-line.ts";
import { Bench, describe, JsonValue } from "#test/safehouse.ts";

async function json(bench: Bench, ...args: readonly string[]): Promise<JsonValue> {
  const outcome = await commandLine(bench, [...args, "--json"]);
  assert.equal(outcome.code, 0, describe(outcome));
  return new JsonValue(JSON.parse(outcome.out));
}

/** Commands that write into a diary what they were told to do. */
class Diary {
  readonly #path: string;
  readonly stop: string;
  readonly start: string;

  constructor({ folder }: Bench, name = "diary") {
    this.#path = `${folder}/${name}`;
    this.stop = `echo stop >> '${this.#path}'`;
    this.start = `echo start >> '${this.#path}'`;
  }

  get flags(): readonly string[] {
    return ["--stop-command", this.stop, "--start-command", this.start];
  }

  /** What stands in it; afterwards it is empty. */
  read(): readonly string[] {
    if (!existsSync(this.#path)) return [];
    const lines = readFileSync(this.#path, "utf8").trim().split("\n");
    rmSync(this.#path);
    return lines;
  }
}

test("commands that init saved stop and start Home Assistant for a restore and for its undo", async () => {
  using bench = new Bench();
  const diary = new Diary(bench);
  const saved = await json(bench, "init", ...diary.flags);
  assert.deepEqual(saved.at("service"), { stopCommand: diary.stop, startCommand: diary.start });
  const slug = (await json(bench, "backups", "new", "--folders", "ssl")).text("slug");
  assert.deepEqual(diary.read(), []);
  const restored = await json(bench, "backups", "restore", slug);
  assert.equal(restored.at("service"), "started");
  assert.deepEqual(diary.read(), ["stop", "start"]);
  await json(bench, "restore", "undo");
  assert.deepEqual(diary.read(), ["stop", "start"]);
  const [file = ""] = bench.archives();
  await json(bench, "backups", "restore", `${bench.location}/${file}`);
  assert.deepEqual(diary.read(), ["stop", "start"]);
});

test("flags of a restore take the place of what was saved, and --stopped needs no command", async () => {
  using bench = new Bench();
  const saved = new Diary(bench);
  const said = new Diary(bench, "other");
  await json(bench, "init", ...saved.flags);
  const slug = (await json(bench, "backups", "new", "--folders", "ssl")).text("slug");
  await json(bench, "backups", "restore", slug, ...said.flags);
  assert.deepEqual([saved.read(), said.read()], [[], ["stop", "start"]]);
  await json(bench, "backups", "restore", slug, "--stopped", "--replace-undo");
  assert.deepEqual(saved.read(), []);
});

test("saved commands are not about another home that is named", async () => {
  using bench = new Bench();
  const diary = new Diary(bench);
  await json(bench, "init", ...diary.flags);
  const slug = (await json(bench, "backups", "new", "--folders", "ssl")).text("slug");
  await json(bench, "backups", "restore", slug, "--home", bench.home);
  assert.deepEqual(diary.read(), []);
});

test("init keeps what it is not told, forgets what it is told empty, and refuses a useless address", async () => {
  using bench = new Bench();
  const diary = new Diary(bench);
  const url = "http://localhost:8123";
  await json(bench, "init", ...diary.flags, "--check-url", url);
  const kept = (await json(bench, "init")).at("service");
  const { stop: stopCommand, start: startCommand } = diary;
  assert.deepEqual(kept, { stopCommand, startCommand, checkUrl: url });
  const useless = await commandLine(bench, ["init", "--start-command", "", "--json"]);
  assert.equal(useless.code, 2, describe(useless));
  assert.match(useless.out, /Nothing would be started that could answer/);
  const less = await json(bench, "init", "--check-url", "", "--start-command", "");
  assert.deepEqual(less.at("service"), { stopCommand });
});
