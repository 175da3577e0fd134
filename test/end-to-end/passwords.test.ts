import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { filesWith } from "#test/files-with.ts";
import { Bench, describe } from "#test/safehouse.ts";
import type { Running } from "#test/safehouse.ts";

const password = "Zaunkönig-7-Pass";

test("a password from a file or the environment is seen nowhere", async () => {
  using bench = new Bench({ mediaBytes: 20_000_000 });
  const file = `${bench.folder}/key`;
  writeFileSync(file, `${password}\nsecond line\n`);
  const seen: string[] = [];
  const watched = async (running: Running): Promise<string> => {
    let over = false;
    const ended = running.ended.finally(() => (over = true));
    while (!over) {
      seen.push(...commandLinesOf(running.child.pid));
      await pause(30);
    }
    const outcome = await ended;
    assert.equal(outcome.code, 0, describe(outcome));
    return outcome.out + outcome.err;
  };
  const said = [await watched(bench.start("backups", "new", "--password-file", file))];
  bench.env["SAFEHOUSE_PASSWORD"] = password;
  said.push(await watched(bench.start("backups", "new")));
  const slug = (await bench.json("backups", "list")).text("backups", 0, "slug");
  for (const command of [
    ["backups", "verify", slug],
    ["backups", "restore", slug],
  ])
    said.push(await watched(bench.start(...command)));
  assert.ok(seen.length > 10);
  assert.deepEqual(
    seen.filter((line) => line.includes(password)),
    [],
  );
  assert.deepEqual(
    said.filter((text) => text.includes(password)),
    [],
  );
  for (const folder of [bench.dataDir, bench.location])
    assert.deepEqual(filesWith(folder, [password]), []);
});

test("an encrypted backup shows no name and no content of a file", async () => {
  using bench = new Bench();
  bench.env["SAFEHOUSE_PASSWORD"] = password;
  await bench.json("backups", "new", "--name", "Open name", "--rule", "secret-rule-of-mine/");
  const names = [
    "automations.yaml",
    "secrets.yaml",
    "core.config_entries",
    "film.mp4",
    "privkey.pem",
  ];
  const content = [
    "sample-secret-of-the-home",
    "light.room_",
    "CREATE TABLE states",
    "secret-rule-of-mine",
  ];
  const secrets = [...names, ...content];
  assert.deepEqual(filesWith(bench.location, secrets), []);
  const index = readdirSync(`${bench.location}/.safehouse`).find((name) => name.endsWith(".index"));
  assert.ok(index !== undefined && statSync(`${bench.location}/.safehouse/${index}`).size > 1000);
  assert.ok(existsSync(bench.dataDir));
  assert.deepEqual(filesWith(bench.dataDir, secrets), []);
});

/** Of a process and its children. */
function commandLinesOf(pid: number): string[] {
  const lines: string[] = [];
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const parent = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${name}/status`, "utf8"))?.[1];
      if (name === String(pid) || parent === String(pid))
        lines.push(readFileSync(`/proc/${name}/cmdline`, "utf8"));
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code !== "ENOENT" && code !== "ESRCH") throw error;
    }
  }
  return lines;
}
