import { strict as assert } from "node:assert";
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { basename, join } from "node:path";
import { test } from "node:test";
import { Line } from "#test/places/line.ts";
import { noOwnMounts } from "#test/places/own-mounts.ts";
import { daemonPlaces, openRsync } from "#test/places/rsync-places.ts";
import { noRsync } from "#test/places/rsyncd.ts";
import { content, listed, readAll, rejectsWith, someBytes } from "../contract/objects.ts";
import { StorageError } from "../errors.ts";

const { signal } = new AbortController();
const { skip, makePlace, rsyncd, spool } = daemonPlaces();

test(
  "a folder that is missing is unreachable, never empty and never created",
  { skip },
  async (context) => {
    const { path, settings } = await makePlace(context);
    for (const more of [
      { path: `${basename(path)}/gone` },
      { module: "gone", path: "" },
      { module: "none" },
    ]) {
      const storage = openRsync({ ...settings, ...more });
      await rejectsWith(Array.fromAsync(storage.list("", signal)), "unreachable");
      await rejectsWith(Array.fromAsync(storage.list("deep/", signal)), "unreachable");
      await rejectsWith(storage.write("x.tar", content("x"), signal), "unreachable");
      await rejectsWith(storage.stat("x.tar", signal), "unreachable");
      await rejectsWith(storage.remove("x.tar", signal), "unreachable");
      await rejectsWith(storage.removeLeftovers(signal), "unreachable");
    }
    assert.deepEqual(await readdir(path), []);
  },
);

test("links and pipes in the folder are no objects", { skip }, async (context) => {
  const { path, storage } = await makePlace(context);
  await writeFile(join(path, "file"), "kept");
  await symlink("file", join(path, "link.tar"));
  execFileSync("mkfifo", [join(path, "pipe.tar")]);
  assert.deepEqual(
    (await listed({ storage, signal }, "")).map(({ key }) => key),
    ["file"],
  );
  for (const key of ["link.tar", "pipe.tar"]) {
    await rejectsWith(storage.read(key, undefined, signal), "not-found");
    await rejectsWith(storage.open(key, signal), "not-found");
  }
});

test("names of unfinished objects are refused as keys", { skip }, async (context) => {
  const { storage } = await makePlace(context);
  for (const key of [".safehouse/unfinished", ".safehouse/unfinished/x"]) {
    await assert.rejects(storage.write(key, content("x"), signal), RangeError);
    await assert.rejects(storage.stat(key, signal), RangeError);
  }
});

test(
  "a version differs from the one that it replaces in the same second with the same size",
  { skip },
  async (context) => {
    const { storage } = await makePlace(context);
    const versions = new Set<string>();
    for (const text of ["aaaa", "bbbb", "cccc"]) {
      const stored = await storage.write("x", { ...content(text), overwrite: true }, signal);
      assert.deepEqual(await storage.stat("x", signal), stored);
      assert.equal((await readAll({ storage, signal }, "x")).toString(), text);
      versions.add(stored.version);
    }
    assert.equal(versions.size, 3);
  },
);

test(
  "objects are for their owner only, and folders go with their last object",
  { skip },
  async (context) => {
    const { path, storage } = await makePlace(context);
    await mkdir(join(path, "theirs"));
    await storage.write("a/b/c", content("x"), signal);
    assert.equal((await stat(join(path, "a/b/c"))).mode & 0o777, 0o600);
    assert.equal((await stat(join(path, "a/b"))).mode & 0o777, 0o700);
    await storage.remove("a/b/c", signal);
    assert.deepEqual((await readdir(path)).toSorted(), [".safehouse", "theirs"]);
  },
);

test(
  "the password opens a daemon's module, however odd it is, and a wrong one is told and not shown",
  { skip },
  async (context) => {
    const { user, password } = rsyncd();
    const { settings } = await makePlace(context, { module: "locked", user, password });
    await openRsync(settings).write("x", content("x"), signal);
    for (const wrong of [{ password: "wrong, but secret" }, { password: "" }, { user: "nobody" }]) {
      const writing = openRsync({ ...settings, ...wrong }).write("x", content("x"), signal);
      await assert.rejects(writing, isSignIn);
    }
  },
);

test(
  "a machine that is off, and a name that nobody has, are unreachable",
  { skip },
  async (context) => {
    const line = await Line.to(rsyncd().port);
    const { settings } = await makePlace(context, { port: line.port });
    await line[Symbol.asyncDispose]();
    const refused = openRsync(settings).stat("x", signal);
    await assert.rejects(refused, { problem: "unreachable", message: /refused/ });
    await rejectsWith(
      openRsync({ ...settings, host: "nobody.invalid" }).stat("x", signal),
      "unreachable",
    );
    const ssh = {
      ...settings,
      module: "",
      user: "x",
      password: "x",
      path: "x",
      hostKey: `SHA256:${"x".repeat(43)}`,
    };
    await rejectsWith(openRsync(ssh).stat("x", signal), "unreachable");
  },
);

test(
  "what is read-only or may not be done is told as such",
  { skip: noRsync || noOwnMounts },
  async (context) => {
    const { path, settings, storage } = await makePlace(context);
    await rejectsWith(
      openRsync({ ...settings, module: "fixed", path: "" }).write("x", content("x"), signal),
      "read-only",
    );
    await storage.write("x", content("x"), signal);
    await rm(join(path, ".safehouse"), { recursive: true });
    await chown(path, 0, 0);
    await chmod(path, 0o755);
    await rejectsWith(storage.write("y", content("y"), signal), "denied");
    await rejectsWith(storage.remove("x", signal), "denied");
  },
);

test(
  "what dead writers left goes after half a day of silence, by the clock of the place",
  { skip },
  async (context) => {
    const { path, storage } = await makePlace(context);
    const { uid, gid } = await stat(rsyncd().folder);
    const hours = (count: number): Date => new Date(Date.now() - count * 3_600_000);
    const uploads: readonly (readonly [id: string, silent: number])[] = [
      ["0000000000000001", 13],
      ["0000000000000002", 11],
      ["resume-0000000000000003", 6 * 24],
      ["resume-0000000000000004", 8 * 24],
    ];
    for (const [id, silent] of uploads) {
      const folder = join(path, ".safehouse/unfinished", id);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, "x.tar"), "12345");
      for (const one of [join(folder, "x.tar"), folder])
        await utimes(one, hours(silent), hours(silent));
    }
    execFileSync("chown", ["-R", `${uid}:${gid}`, path]);
    const removed = await storage.removeLeftovers(signal);
    assert.deepEqual(
      removed.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
      [
        { key: ".safehouse/unfinished/0000000000000001", size: 5 },
        { key: ".safehouse/unfinished/resume-0000000000000004", size: 5 },
      ],
    );
    assert.deepEqual(await storage.removeLeftovers(signal), []);
    const left = await readdir(join(path, ".safehouse/unfinished"));
    assert.deepEqual(left.toSorted(), ["0000000000000002", "resume-0000000000000003"]);
  },
);

function isSignIn(error: unknown): boolean {
  assert.ok(error instanceof StorageError && error.problem === "sign-in", String(error));
  const said = `${error.message} ${error.stack} ${String(error.cause)} ${JSON.stringify(error.facts)}`;
  assert.doesNotMatch(said, /secret/);
  return true;
}

test(
  "nothing is removed to make way for an object or for folders that lead to it",
  { skip },
  async (context) => {
    const { path, storage } = await makePlace(context);
    const { uid, gid } = await stat(rsyncd().folder);
    await mkdir(join(path, "elsewhere"));
    await symlink("elsewhere", join(path, "link"));
    await mkdir(join(path, "folder.tar"));
    await writeFile(join(path, "folder.tar", "theirs"), "x");
    await writeFile(join(path, "file.tar"), "x");
    execFileSync("chown", ["-Rh", `${uid}:${gid}`, path]);
    const resume = { state: undefined, keep: async () => undefined };
    for (const overwrite of [false, true]) {
      for (const more of [{}, { size: 1, resume }]) {
        const object = { ...content("y"), overwrite, ...more };
        await rejectsWith(storage.write("file.tar/x", object, signal), "unsupported");
        await rejectsWith(storage.write("link/x", object, signal), "unsupported");
        const onFolder = storage.write("folder.tar", object, signal);
        await rejectsWith(onFolder, overwrite ? "unsupported" : "already-exists");
      }
    }
    assert.equal(await readFile(join(path, "file.tar"), "utf8"), "x");
    assert.equal(await readFile(join(path, "folder.tar", "theirs"), "utf8"), "x");
    assert.equal(await readlink(join(path, "link")), "elsewhere");
  },
);

test("ten thousand objects are listed, each once", { skip }, async (context) => {
  const { path, storage } = await makePlace(context);
  const keys = Array.from({ length: 10_000 }, (_, index) => `object number ${index} ü.tar`);
  for (const key of keys) writeFileSync(join(path, key), "");
  const found = await listed({ storage, signal }, "");
  assert.deepEqual(
    found.map(({ key }) => key),
    keys.toSorted(),
  );
});

test(
  "a daemon that is caged and cannot make sure of its disk takes objects all the same",
  { skip },
  async (context) => {
    const { path, storage } = await makePlace(context, { module: "strict" });
    await storage.write("deep/a", content("one"), signal);
    const bytes = someBytes(2_000_000);
    const resume = { state: undefined, keep: async () => undefined };
    const object = { ...content(bytes), size: bytes.length, resume };
    await storage.write("deep/b", object, signal);
    assert.deepEqual(await readFile(join(path, "deep/b")), bytes);
    assert.deepEqual(await readdir(join(path, ".safehouse/unfinished")), []);
  },
);

test(
  "what processes that are gone have left on this machine goes after an hour",
  { skip },
  async (context) => {
    const { settings } = await makePlace(context);
    const own = await mkdtemp(join(spool(), "swept "));
    const { pid } = spawnSync("true");
    const long = new Date(Date.now() - 2 * 3_600_000);
    const left: readonly (readonly [name: string, changed: Date])[] = [
      [`safehouse-rsync-${pid}-old`, long],
      [`safehouse-rsync-${pid}-new`, new Date()],
      [`safehouse-rsync-${process.pid}-old`, long],
      ["of somebody else", long],
    ];
    for (const [name, changed] of left) {
      await mkdir(join(own, name));
      await utimes(join(own, name), changed, changed);
    }
    await Array.fromAsync(openRsync({ ...settings, spool: own }).list("", signal));
    const stayed = left.slice(1).map(([name]) => name);
    assert.deepEqual((await readdir(own)).toSorted(), stayed.toSorted());
  },
);
