import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { loops } from "#test/loops.ts";
import { RcloneBench, absentRclone, daemonsFor } from "#test/places/rclone.ts";
import { thisProcess } from "../owner.ts";
import { temporaryName } from "../temporary-name.ts";
import { content } from "../contract/objects.ts";
import { RcloneStorage } from "./provider.ts";
import { parseRcloneSettings } from "./settings.ts";
import { sharedControl } from "./shared-control.ts";

const { signal } = new AbortController();
const skip = await absentRclone();
const bench = await RcloneBench.make();
after(() => bench.end());
const child = fileURLToPath(
  new URL("../../../test/support/places/rclone-child.ts", import.meta.url),
);

/** Runs the child at a place until it says something. */
async function childAt(remote: string, task: string, env: Readonly<Record<string, string>> = {}) {
  const running = spawn(process.execPath, [child, remote, task], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said: string[] = [];
  running.stdout.setEncoding("utf8").on("data", (text: string) => said.push(text));
  await once(running.stdout, "data");
  return { running, said: () => said.join("") };
}

async function noneLeft(remote: string): Promise<void> {
  for (let look = 0; look < 500; look += 1) {
    if ((await daemonsFor(remote)).length === 0) return;
    await pause(20);
  }
  assert.fail("rclone is still there");
}

test("rclone ends with whoever started it, however that ended", { skip }, async () => {
  const remote = `:local:${await bench.newFolder("a 'place' $x")}`;
  const temporary = await bench.newFolder();
  const { running } = await childAt(remote, "wait", { TMPDIR: temporary });
  assert.equal((await daemonsFor(remote)).length, 1);
  running.kill("SIGKILL");
  await noneLeft(remote);
  while ((await readdir(temporary)).length > 0) await pause(20);
});

test("rclone that nobody asks for anything keeps no program alive", { skip }, async () => {
  const remote = `:local:${await bench.newFolder()}`;
  const { running } = await childAt(remote, "once");
  if (running.exitCode === null) await once(running, "close");
  assert.equal(running.exitCode, 0);
  await noneLeft(remote);
});

test("everybody in a program who opens the same place shares one rclone", { skip }, async () => {
  const remote = `:local:${await bench.newFolder()}`;
  const settings = parseRcloneSettings({ remote });
  const places = [1, 2, 3].map(() => new RcloneStorage(settings));
  await Promise.all(places.map((storage, at) => storage.write(`${at}`, content("x"), signal)));
  assert.equal((await daemonsFor(remote)).length, 1);
  sharedControl(settings).stop();
  await noneLeft(remote);
  await places[0]?.stat("0", signal);
  assert.equal((await daemonsFor(remote)).length, 1);
});

test("a large object takes no more memory than a small one", { skip }, async () => {
  const remote = `:local:${await bench.newFolder()}`;
  const megabytes = Number(process.env["SAFEHOUSE_TEST_LOOPS"] ?? 1) > 1 ? 3000 : loops(300);
  const { running, said } = await childAt(remote, "large", { MEGABYTES: String(megabytes) });
  if (running.exitCode === null) await once(running, "close");
  assert.equal(running.exitCode, 0);
  const peak = Number(/peak (\d+)/.exec(said())?.[1]);
  const ofRclone = Number(/rclone (\d+)/.exec(said())?.[1]);
  assert.ok(peak > 0 && ofRclone > 0 && peak < 250 && ofRclone < 250, said());
});

test("what dead writers left is removed, and never what a living one uses", { skip }, async () => {
  const path = await bench.newFolder();
  const storage = new RcloneStorage(parseRcloneSettings({ remote: `:local:${path}` }));
  const own = thisProcess();
  const names = {
    dead: temporaryName({ ...own, start: "1" }),
    living: temporaryName(own),
    elsewhere: temporaryName({ ...own, boot: "00000000" }),
    forsaken: temporaryName({ ...own, boot: "00000001" }),
  };
  await mkdir(`${path}/.safehouse`);
  for (const name of Object.values(names)) await writeFile(`${path}/${name}`, "12345");
  await writeFile(`${path}/.safehouse/${names.dead}`, "123");
  const longAgo = Date.now() / 1000 - 25 * 3600;
  await utimes(`${path}/${names.forsaken}`, longAgo, longAgo);
  const removed = await storage.removeLeftovers(signal);
  assert.deepEqual(
    new Set(removed.map(({ key, size }) => `${key} ${size}`)),
    new Set([`${names.dead} 5`, `.safehouse/${names.dead} 3`, `${names.forsaken} 5`]),
  );
  assert.deepEqual(
    new Set(await readdir(path)),
    new Set([".safehouse", names.living, names.elsewhere]),
  );
});
