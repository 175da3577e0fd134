import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  mkdtempSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  rmdirSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { SafehouseError } from "#core/model/problem.ts";
import { logTo, openLog } from "./log.ts";
import { RotatingFile } from "./rotating-file.ts";

function folderOf(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "safehouse-log-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A log and the lines that it wrote. */
function memoryLog(level: Parameters<typeof logTo>[1] = "debug") {
  const lines: string[] = [];
  const log = logTo({ write: (line) => void lines.push(line) }, level);
  const written = () => lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  return { log, lines, written };
}

test("a line is one JSON object with level, time, message and facts", () => {
  const { log, lines, written } = memoryLog();
  log.warn("A notification\ncould not be told", { channel: "phone", attempts: 2 });
  const [line] = written();
  assert.match(String(line?.["time"]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u);
  assert.deepEqual(
    { ...line, time: undefined },
    {
      level: "warn",
      msg: "A notification\ncould not be told",
      channel: "phone",
      attempts: 2,
      time: undefined,
    },
  );
  assert.equal(lines[0]?.split("\n").length, 2);
});

test("what is less important than the level is left out", () => {
  const { log, written } = memoryLog("warn");
  log.debug("a");
  log.info("b");
  log.warn("c");
  log.error("d");
  assert.deepEqual(
    written().map(({ msg }) => msg),
    ["c", "d"],
  );
});

test("secrets that somebody logs by their names are not written", () => {
  const { log, lines } = memoryLog();
  const facts = { token: "hunter2", channel: { password: "hunter2", url: "https://a/hunter2" } };
  log.info("Opened", { ...facts, url: "https://a/hunter2", settings: { any: "hunter2" } });
  assert.doesNotMatch(lines.join(""), /hunter2/u);
  assert.match(lines.join(""), /\[secret\]/u);
});

test("of a failure only problem, message, advice and subject are written, never its causes", () => {
  const { log, lines, written } = memoryLog();
  const cause = new Error("POST https://a/hunter2");
  const details = { advice: "Check the token", subject: "a", cause, facts: { note: "hunter2" } };
  log.error("It failed", { error: new SafehouseError("denied", "a says no", details) });
  assert.deepEqual(written()[0]?.["error"], {
    problem: "denied",
    message: "a says no",
    advice: "Check the token",
    subject: "a",
  });
  assert.doesNotMatch(lines.join(""), /hunter2/u);
});

test("of a fault its name and its stack are written, and not its message", () => {
  const { log, lines, written } = memoryLog();
  log.error("It failed", { error: new TypeError("Failed to parse\nhttps://a/hunter2") });
  log.error("It failed", { error: "hunter2" });
  const [fault] = written().map(({ error }) => error as { name: string; stack: string[] });
  assert.equal(fault?.name, "TypeError");
  assert.match(fault.stack[0] ?? "", /^at .*log\.test\.ts/u);
  assert.doesNotMatch(lines.join(""), /hunter2/u);
});

test("without a file lines go to standard error", () => {
  const program = `
    const { openLog } = await import(${JSON.stringify(import.meta.resolve("./log.ts"))});
    openLog({ level: "info", file: undefined }).info("Begun");`;
  const shell = `exec "$0" --input-type=module -e "$1" 2>&1 >/dev/null`;
  const text = execFileSync("sh", ["-c", shell, process.execPath, program], { encoding: "utf8" });
  assert.match(text, /"msg":"Begun"/u);
});

test("a file of the log is for its owner alone", (context) => {
  const file = join(folderOf(context), "safehouse.log");
  openLog({ level: "info", file }).info("Begun");
  openLog({ level: "info", file }).info("Begun again");
  assert.equal(readFileSync(file, "utf8").split("\n").length, 3);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test("a file that is full begins anew, and only so many are kept", (context) => {
  const folder = folderOf(context);
  const path = join(folder, "safehouse.log");
  const file = new RotatingFile(path, { longest: 100, kept: 2 });
  for (let number = 0; number < 50; number += 1) file.write(`line ${number} ${"x".repeat(30)}\n`);
  assert.deepEqual(readdirSync(folder).toSorted(), [
    "safehouse.log",
    "safehouse.log.1",
    "safehouse.log.2",
  ]);
  const kept = ["safehouse.log.2", "safehouse.log.1", "safehouse.log"].map((name) =>
    readFileSync(join(folder, name), "utf8"),
  );
  assert.ok(kept.every((text) => text.length <= 100));
  const numbers = Array.from(kept.join("").matchAll(/^line (\d+)/gmu), ([, digits]) =>
    Number(digits),
  );
  assert.deepEqual(numbers, [44, 45, 46, 47, 48, 49]);
});

test("a line that is longer than a file is written all the same", (context) => {
  const path = join(folderOf(context), "safehouse.log");
  const file = new RotatingFile(path, { longest: 10, kept: 1 });
  file.write("a line of more than ten bytes\n");
  assert.match(readFileSync(path, "utf8"), /more than ten/u);
});

test("a log that cannot be written stops nobody, and tells how many lines are missing", (context) => {
  const path = join(folderOf(context), "safehouse.log");
  mkdirSync(path);
  const file = new RotatingFile(path, { longest: 1000, kept: 1 });
  file.write("one\n");
  file.write("two\n");
  rmdirSync(path);
  file.write("three\n");
  assert.equal(
    readFileSync(path, "utf8"),
    '{"level":"error","msg":"Lines of the log were lost","count":2}\nthree\n',
  );
});
