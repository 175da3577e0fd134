import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { removeLeftoversIn } from "./leftovers.ts";
import { lifeOf, thisProcess } from "../owner.ts";
import type { Owner } from "../owner.ts";
import { LocalStorage } from "./provider.ts";
import { parseLocalSettings } from "./settings.ts";
import { ownerOfTemporaryName, temporaryName } from "../temporary-name.ts";

const { signal } = new AbortController();
const self = thisProcess();

async function makeLocal(context: TestContext): Promise<{ path: string; storage: LocalStorage }> {
  const path = await mkdtemp(join(tmpdir(), "safehouse-leftovers-"));
  context.after(() => rm(path, { recursive: true, force: true }));
  return { path, storage: new LocalStorage(parseLocalSettings({ path, reserveBytes: 0 })) };
}

async function leave(folder: string, owner: Owner, bytes = 10): Promise<string> {
  const name = temporaryName(owner);
  await writeFile(join(folder, name), Buffer.alloc(bytes));
  return name;
}

test("a temporary name tells its owner", () => {
  assert.deepEqual(ownerOfTemporaryName(temporaryName(self)), self);
  assert.equal(ownerOfTemporaryName(".safehouse-notes.tmp"), undefined);
  assert.equal(ownerOfTemporaryName("backup.tar"), undefined);
});

test(
  "a process of which only the end has not been asked for is dead",
  { skip: !existsSync("/proc/self/stat") && "absent: /proc" },
  async () => {
    // What has become of the shell never asks for the end of the shell's child.
    const parent = spawn("/bin/sh", ["-c", "sleep 0.1 & echo $!; exec sleep 60"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const [text] = (await once(parent.stdout, "data")) as [Buffer];
      const pid = Number(text.toString());
      const fields = (): readonly string[] =>
        readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
      const owner = { ...self, pid, start: fields()[19] ?? "" };
      assert.equal(lifeOf(owner, self, true), "alive");
      while (fields()[0] !== "Z") await pause(5);
      assert.equal(lifeOf(owner, self, true), "dead");
    } finally {
      parent.kill("SIGKILL");
    }
  },
);

test("what a killed process left is removed at the next start", async (context) => {
  const { path, storage } = await makeLocal(context);
  const program = `
    const { LocalStorage } = await import(${JSON.stringify(import.meta.resolve("./provider.ts"))});
    const storage = new LocalStorage({ path: ${JSON.stringify(path)}, reserveBytes: 0, fileMode: 0o600 });
    const signal = new AbortController().signal;
    const writer = await storage.openWrite("x.tar", {}, signal);
    const note = await storage.openWrite(".safehouse/x.json", {}, signal);
    await writer.write(Buffer.alloc(3_000_000));
    console.log("writing");
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program]);
  const ended = once(child, "exit");
  await once(child.stdout, "data");
  assert.deepEqual(await storage.removeLeftovers(signal), []);
  child.kill("SIGKILL");
  await ended;
  const removed = await storage.removeLeftovers(signal);
  assert.equal(removed.length, 2);
  assert.ok(removed.some(({ size }) => size === 3_000_000));
  assert.deepEqual(await readdir(path), [".safehouse"]);
  assert.deepEqual(await readdir(join(path, ".safehouse")), []);
});

test("a process number that was given out again protects nothing", async (context) => {
  const { path, storage } = await makeLocal(context);
  await leave(path, { ...self, start: "1" });
  assert.equal((await storage.removeLeftovers(signal)).length, 1);
});

test("what was left before a restart is known as such on a local disk only", () => {
  const earlier = { ...self, boot: "00000000" };
  assert.equal(lifeOf(earlier, self, true), "dead");
  assert.equal(lifeOf(earlier, self, false), "unknown");
});

test("what another container writes stays until it was idle for an hour", async (context) => {
  const { path } = await makeLocal(context);
  const name = await leave(path, { ...self, space: "00000000" });
  const now = Date.now();
  const search = { folder: path, prefix: "", observer: self };
  assert.deepEqual(await removeLeftoversIn({ ...search, now: now + 3_000_000 }), []);
  await utimes(join(path, name), new Date(now), new Date(now));
  assert.equal((await removeLeftoversIn({ ...search, now: now + 3_700_000 })).length, 1);
});

test("other files are never leftovers, whatever they are called", async (context) => {
  const { path, storage } = await makeLocal(context);
  await writeFile(join(path, ".safehouse-x.tmp"), "");
  await writeFile(join(path, "backup.tar.tmp"), "");
  await mkdir(join(path, temporaryName({ ...self, start: "1" })));
  assert.deepEqual(await storage.removeLeftovers(signal), []);
  assert.equal((await readdir(path)).length, 3);
});

test("an upload that nobody continues goes after a week, with what is known of it", async (context) => {
  const { path, storage } = await makeLocal(context);
  const folder = await storage.incoming.folder(signal);
  const days = (count: number) => new Date(Date.now() - count * 86_400_000);
  for (const name of ["forsaken", "forsaken.json", "growing", "growing.json"]) {
    await writeFile(join(folder, name), "x");
    await utimes(join(folder, name), days(8), days(8));
  }
  await utimes(join(folder, "growing"), days(6), days(6));
  await leave(folder, { ...self, start: "1" });
  const removed = await storage.removeLeftovers(signal);
  assert.equal(removed.length, 3);
  assert.ok(removed.every(({ key }) => key.startsWith(".safehouse/incoming/")));
  assert.deepEqual((await readdir(folder)).toSorted(), ["growing", "growing.json"]);
  assert.deepEqual(await readdir(path), [".safehouse"]);
});

test("who asks where files come in finds no leftovers there", async (context) => {
  const { storage } = await makeLocal(context);
  const folder = await storage.incoming.folder(signal);
  await leave(folder, { ...self, start: "1" });
  const kept = await leave(folder, self);
  assert.equal(await storage.incoming.folder(signal), folder);
  assert.deepEqual(await readdir(folder), [kept]);
});

test("a file that comes in is for its owner only once it is an object", async (context) => {
  const { path, storage } = await makeLocal(context);
  const folder = await storage.incoming.folder(signal);
  await writeFile(join(folder, "upload"), "x", { mode: 0o666 });
  await storage.incoming.adopt("upload", "x.tar", signal);
  assert.equal((await stat(join(path, "x.tar"))).mode & 0o777, 0o600);
  await symlink("/etc/passwd", join(folder, "link"));
  await assert.rejects(storage.incoming.adopt("link", "y.tar", signal), { problem: "not-found" });
});
