import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Bench } from "#test/safehouse.ts";

const launcher = fileURLToPath(new URL("../../bin/safehouse.js", import.meta.url));
const bash = existsSync("/bin/bash") ? false : "absent: bash";

test("a reader that goes away ends a command without a word", { skip: bash }, async () => {
  using bench = new Bench({ mediaBytes: 3_000_000 });
  const archive = await newArchive(bench);
  const { path } = await largest(bench, archive);
  for (const command of [
    "--help",
    "backups list --json",
    `archive list ${archive} media`,
    `archive cat ${archive} media ${path} --json`,
  ]) {
    const { stdout, stderr } = await shell(bench, `safehouse ${command} | true; echo $PIPESTATUS`);
    assert.equal(stderr, "", command);
    // A command that has little to say may be done before its reader goes.
    assert.match(stdout, /^(?:141|0)\n$/, command);
  }
  const cat = `safehouse archive cat ${archive} media ${path}`;
  const { stdout, stderr } = await shell(bench, `${cat} | head -c 9 | wc -c; echo $PIPESTATUS`);
  assert.equal(stdout, "9\n141\n");
  assert.equal(stderr, "");
});

test(
  "output that finds no room is told, with its own exit code",
  { skip: bash || (existsSync("/dev/full") ? false : "absent: /dev/full") },
  async () => {
    using bench = new Bench();
    await newArchive(bench);
    for (const command of ["--help", "backups list", "backups list --json"]) {
      const { stdout, stderr } = await shell(bench, `safehouse ${command} > /dev/full; echo $?`);
      assert.equal(stdout, "30\n", command);
      assert.match(stderr, /output cannot be written \(ENOSPC\)/, command);
    }
  },
);

async function newArchive(bench: Bench): Promise<string> {
  const made = await bench.json("backups", "new");
  return `${bench.location}/${made.text("fileName")}`;
}

/** More than a pipe holds. */
async function largest(bench: Bench, archive: string): Promise<{ path: string; size: number }> {
  const files = (await bench.json("archive", "list", archive, "media"))
    .list()
    .map((file) => ({ path: file.text("path"), size: Number(file.at("size")) }));
  const [first] = files.toSorted((a, b) => b.size - a.size);
  assert.ok(first !== undefined && first.size > 1_000_000);
  return first;
}

function shell(bench: Bench, script: string) {
  const safehouse = `safehouse() { "${process.execPath}" "${launcher}" "$@"; }`;
  const env = {
    PATH: process.env["PATH"],
    HOME: bench.folder,
    SAFEHOUSE_DATA: bench.dataDir,
    SAFEHOUSE_LOCATION: bench.location,
  };
  return promisify(execFile)("/bin/bash", ["-c", `${safehouse}\n${script}`], { env });
}
