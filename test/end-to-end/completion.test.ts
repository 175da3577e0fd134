import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { commandLine } from "#test/command-line.ts";
import { Bench, JsonValue } from "#test/safehouse.ts";

const launcher = fileURLToPath(new URL("../../bin/safehouse.js", import.meta.url));

async function offered(bench: Bench, ...words: readonly string[]): Promise<readonly string[]> {
  const { out } = await commandLine(bench, ["complete", "--json", "--", ...words]);
  const document = new JsonValue(JSON.parse(out));
  const candidates = document.list("candidates").map((candidate) => candidate.text("word"));
  const also = document.text("also");
  return also === "nothing" ? candidates : [...candidates, also];
}

test("commands, options and their values are completed wherever they stand", async () => {
  using bench = new Bench("no home");
  assert.deepEqual(await offered(bench, "back"), ["backups"]);
  assert.ok((await offered(bench, "")).includes("completion"));
  assert.ok(!(await offered(bench, "")).includes("complete"), "it is for scripts alone");
  assert.deepEqual(await offered(bench, "keys", "ro"), ["rotate"]);
  assert.deepEqual(await offered(bench, "--no"), []);
  assert.deepEqual(await offered(bench, "keys", "kit", "--over"), ["--overwrite"]);
  assert.deepEqual(await offered(bench, "backups", "verify", "--level", ""), [
    "listing",
    "structure",
    "content",
  ]);
  assert.deepEqual(await offered(bench, "completion", ""), ["bash", "zsh", "fish"]);
  assert.deepEqual(await offered(bench, "nope", ""), []);
});

test("where a path is wanted the shell is told to look for one", async () => {
  using bench = new Bench("no home");
  assert.deepEqual(await offered(bench, "archive", "list", ""), ["files"]);
  assert.deepEqual(await offered(bench, "init", "--home", "/"), ["folders"]);
  assert.deepEqual(await offered(bench, "init", "--home", "/", "--share", ""), ["folders"]);
  assert.deepEqual(await offered(bench, "archive", "list", "--", ""), ["files"]);
});

test("slugs, ids and rules are those of the home that is meant", async () => {
  using bench = new Bench();
  const json = async (...args: readonly string[]): Promise<JsonValue> =>
    new JsonValue(JSON.parse((await commandLine(bench, [...args, "--json"])).out));
  const key = (await json("keys", "new")).text("id");
  const slug = (await json("backups", "new", "--folders", "ssl")).text("slug");
  await json("rules", "add", "*.mp4", "media/**");
  assert.deepEqual(await offered(bench, "keys", "show", ""), [key]);
  assert.deepEqual(await offered(bench, "ke", "show", ""), []);
  assert.deepEqual(await offered(bench, "keys", "ls", ""), []);
  assert.deepEqual(await offered(bench, "backups", "verify", "--level", "listing", ""), [slug]);
  assert.deepEqual(await offered(bench, "backups", "restore", slug, ""), []);
  assert.deepEqual(await offered(bench, "rules", "remove", "*.mp4", "me"), ["media/**"]);
  await json("plans", "new", "nightly", "--daily", "03:00");
  assert.deepEqual(await offered(bench, "plans", "enable", ""), ["nightly"]);
  assert.deepEqual(await offered(bench, "plans", "new", ""), []);
  assert.deepEqual(await offered(bench, "locations", "info", ""), ["backup"]);
  const [run = ""] = await offered(bench, "runs", "info", "");
  assert.match(run, /^[0-9a-f]{8}$/);
  const other = `${bench.folder}/other`;
  assert.deepEqual(await offered(bench, "keys", "show", "--data-dir", other, ""), []);
});

test("a home that cannot be asked offers nothing and says nothing", async () => {
  using bench = new Bench();
  mkdirSync(bench.dataDir);
  writeFileSync(`${bench.dataDir}/keys.json`, "damaged");
  const { code, out, err } = await commandLine(bench, ["complete", "--", "keys", "show", ""]);
  assert.deepEqual([code, out, err], [0, ":nothing\n", ""]);
});

const bash = spawnSync("bash", ["-c", "help compopt && help mapfile"]).status === 0;
test("bash completes by the script", { skip: bash ? false : "absent: bash" }, async () => {
  using bench = new Bench("no home");
  writeFileSync(`${bench.folder}/my backup.tar`, "");
  const { out: script } = await commandLine(bench, ["completion", "bash"]);
  const type = (...words: readonly string[]): readonly string[] => {
    const quoted = ["safehouse", ...words].map((word) => `'${word}'`).join(" ");
    const run = `compopt() { :; }; safehouse() { "$NODE" "$LAUNCHER" "$@"; }
${script}
COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _safehouse
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const env = {
      PATH: process.env["PATH"],
      NODE: process.execPath,
      LAUNCHER: launcher,
      SAFEHOUSE_DATA: bench.dataDir,
    };
    const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", run], { env, cwd: bench.folder });
    assert.equal(String(stderr), "");
    return String(stdout).trimEnd().split("\n");
  };
  assert.deepEqual(type("keys", "ro"), ["rotate"]);
  assert.deepEqual(type("archive", "list", "my"), ["my backup.tar"]);
});
