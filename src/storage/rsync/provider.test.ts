import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import type { TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { lineTo, type Line } from "#test/places/line.ts";
import { noOwnMounts } from "#test/places/own-mounts.ts";
import { noRsync, startRsyncd, type Rsyncd } from "#test/places/rsyncd.ts";
import { noSshd, startSshd, type Sshd } from "#test/places/sshd.ts";
import { largeMegabytes, transferAlone } from "#test/places/transfer-alone.ts";
import { content, listed, readAll, rejectsWith, someBytes } from "../contract/objects.ts";
import { StorageError } from "../errors.ts";
import type { Content } from "../provider.ts";
import { RsyncStorage } from "./provider.ts";
import { parseRsyncSettings } from "./settings.ts";

const { signal } = new AbortController();
const skip = noRsync;
const skipSsh = noRsync === false ? noSshd : noRsync;

let rsyncd: Rsyncd;
let sshd: Sshd;
/** Where objects pass through, for all tests of this file. */
let spool: string;
before(async () => {
  spool = await mkdtemp(join(tmpdir(), "safe 'house' % spool "));
  if (skip === false) rsyncd = await startRsyncd();
  if (skipSsh === false) sshd = await startSshd();
});
after(async () => {
  await rsyncd?.[Symbol.asyncDispose]();
  await sshd?.[Symbol.asyncDispose]();
  await rm(spool, { recursive: true, force: true });
});

function open(settings: object): RsyncStorage {
  return new RsyncStorage(parseRsyncSettings(settings));
}

async function makeFolder(context: TestContext, parent: string): Promise<string> {
  const path = await mkdtemp(join(parent, "place ü $1 'x' "));
  const { uid, gid } = await stat(parent);
  await chown(path, uid, gid);
  context.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A folder of its own in the module `data`. */
async function makePlace(context: TestContext, more: object = {}) {
  const path = await makeFolder(context, rsyncd.folder);
  const { port } = rsyncd;
  const settings = {
    host: "127.0.0.1",
    port,
    module: "data",
    path: basename(path),
    spool,
    ...more,
  };
  return { path, settings, storage: open(settings) };
}

async function makeSshPlace(context: TestContext, more: object = {}) {
  const path = await makeFolder(context, sshd.folder);
  const { port, user, privateKey, hostKeys } = sshd;
  const hostKey = hostKeys.ed25519;
  const settings = { host: "127.0.0.1", port, user, privateKey, path, hostKey, spool, ...more };
  return { path, settings, storage: open(settings) };
}

async function makeLine(context: TestContext): Promise<Line> {
  const line = await lineTo(rsyncd.port);
  context.after(() => line[Symbol.asyncDispose]());
  return line;
}

if (skip === false)
  keepsStorageContract("rsync", async (context) => (await makePlace(context)).storage, 20);
else test("rsync keeps the storage contract", { skip }, () => undefined);
if (skipSsh === false)
  keepsStorageContract(
    "rsync over SSH",
    async (context) => (await makeSshPlace(context)).storage,
    5,
  );
else test("rsync over SSH keeps the storage contract", { skip: skipSsh }, () => undefined);

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
      const storage = open({ ...settings, ...more });
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
    const { user, password } = rsyncd;
    const { settings } = await makePlace(context, { module: "locked", user, password });
    await open(settings).write("x", content("x"), signal);
    for (const wrong of [{ password: "wrong, but secret" }, { password: "" }, { user: "nobody" }]) {
      const writing = open({ ...settings, ...wrong }).write("x", content("x"), signal);
      await assert.rejects(writing, isSignIn);
    }
  },
);

function isSignIn(error: unknown): boolean {
  assert.ok(error instanceof StorageError && error.problem === "sign-in", String(error));
  const said = `${error.message} ${error.stack} ${String(error.cause)} ${JSON.stringify(error.facts)}`;
  assert.doesNotMatch(said, /secret/);
  return true;
}

test(
  "over SSH the password or a locked key opens the door, and wrong ones are told and not shown",
  { skip: skipSsh || noOwnMounts },
  async (context) => {
    const { path, settings } = await makeSshPlace(context);
    const { password } = sshd;
    const withPassword = { ...settings, privateKey: "", password };
    await open(withPassword).write("x", content("x"), signal);
    const wrongPassword = open({ ...withPassword, password: "wrong, but secret" });
    await assert.rejects(wrongPassword.stat("x", signal), isSignIn);
    const file = join(path, "key");
    await writeFile(file, sshd.privateKey, { mode: 0o600 });
    const passphrase = `odd "one" 'ü' $x \\`;
    execFileSync("ssh-keygen", ["-q", "-p", "-f", file, "-N", passphrase]);
    const privateKey = (await readFile(file, "utf8")).replaceAll("\n", "\r\n");
    await open({ ...settings, privateKey, passphrase }).stat("x", signal);
    const wrongPhrase = open({ ...settings, privateKey, passphrase: "a secret as well" });
    await assert.rejects(wrongPhrase.stat("x", signal), isSignIn);
  },
);

test(
  "a host whose key is not pinned, or is another, is refused before anything is sent",
  { skip: skipSsh },
  async (context) => {
    const { settings } = await makeSshPlace(context);
    const { ed25519, rsa } = sshd.hostKeys;
    const before = sshd.log().length;
    await assert.rejects(open({ ...settings, hostKey: "" }).stat("x", signal), (error: unknown) => {
      assert.ok(error instanceof StorageError && error.problem === "denied", String(error));
      assert.equal(error.facts?.["hostKey"], ed25519);
      assert.ok(error.message.includes(`set hostKey to ${ed25519}`), error.message);
      return true;
    });
    const strange = `SHA256:${rsa.slice(7).split("").toReversed().join("")}`;
    const refused = open({ ...settings, hostKey: strange }).stat("x", signal);
    await assert.rejects(refused, { problem: "denied", message: /somebody stands between/ });
    assert.doesNotMatch(sshd.log().slice(before), /Accepted|Failed password/);
    await open({ ...settings, hostKey: rsa }).write("x", content("x"), signal);
  },
);

test(
  "a machine that is off, and a name that nobody has, are unreachable",
  { skip },
  async (context) => {
    const line = await lineTo(rsyncd.port);
    const { settings } = await makePlace(context, { port: line.port });
    await line[Symbol.asyncDispose]();
    const refused = open(settings).stat("x", signal);
    await assert.rejects(refused, { problem: "unreachable", message: /refused/ });
    await rejectsWith(
      open({ ...settings, host: "nobody.invalid" }).stat("x", signal),
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
    await rejectsWith(open(ssh).stat("x", signal), "unreachable");
  },
);

test(
  "what is read-only or may not be done is told as such",
  { skip: noRsync || noOwnMounts },
  async (context) => {
    const { path, settings, storage } = await makePlace(context);
    await rejectsWith(
      open({ ...settings, module: "fixed", path: "" }).write("x", content("x"), signal),
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
  "a disk that is full is told, and nothing stays on it",
  { skip: noRsync || noOwnMounts },
  async (context) => {
    const { settings } = await makePlace(context, { module: "small", path: "" });
    const storage = open(settings);
    const bytes = someBytes(12_000_000);
    await rejectsWith(storage.write("x", content(bytes), signal), "full");
    const size = bytes.length;
    let state: string | undefined;
    const keep = async (kept: string): Promise<void> => void (state = kept);
    const resume = { state, keep };
    await rejectsWith(storage.write("x", { ...content(bytes), size, resume }, signal), "full");
    assert.deepEqual(await listed({ storage, signal }, ""), []);
    assert.notEqual(state, undefined);
  },
);

test(
  "a line that is cut is unreachable, nothing is seen, and another process goes on",
  { skip },
  async (context) => {
    const line = await makeLine(context);
    const { path, settings, storage } = await makePlace(context, { port: line.port });
    const bytes = someBytes(60_000_000);
    let state: string | undefined;
    const keep = async (kept: string): Promise<void> => void (state = kept);
    const begins: number[] = [];
    const upload = (): Content => ({
      size: bytes.length,
      resume: { state, keep },
      async *open(from = 0) {
        begins.push(from);
        yield bytes.subarray(from);
      },
    });
    const cutting = (async () => {
      while (line.sentBytes() < 10_000_000) await pause(1);
      line.cut();
    })();
    await rejectsWith(storage.write("x.tar", upload(), signal), "unreachable");
    await cutting;
    assert.deepEqual(await listed({ storage, signal }, ""), []);
    const sent = line.sentBytes();
    await open(settings).write("x.tar", upload(), signal);
    assert.ok((begins[1] ?? 0) > 1_000_000, `it began again at ${begins[1]}`);
    assert.ok(line.sentBytes() - sent < bytes.length - (begins[1] ?? 0) + 1_000_000);
    assert.deepEqual(await readFile(join(path, "x.tar")), bytes);
    assert.deepEqual(await readdir(join(path, ".safehouse/unfinished")), []);
  },
);

test(
  "a read whose line is cut is unreachable, and the next one is not",
  { skip },
  async (context) => {
    const line = await makeLine(context);
    const { storage } = await makePlace(context, { port: line.port });
    const bytes = someBytes(40_000_000);
    await storage.write("x", content(bytes), signal);
    const reading = (async () => {
      for await (const _ of await storage.read("x", undefined, signal)) line.cut();
    })();
    await rejectsWith(reading, "unreachable");
    assert.deepEqual(
      await readAll({ storage, signal }, "x", { offset: 39_000_000 }),
      bytes.subarray(39_000_000),
    );
  },
);

test("cancelling ends within seconds although the line is dead", { skip }, async (context) => {
  const line = await makeLine(context);
  const { storage } = await makePlace(context, { port: line.port });
  await storage.write("x", content("x"), signal);
  const cancel = new AbortController();
  const writer = await storage.openWrite("y", {}, cancel.signal);
  await writer.write(someBytes(1_000_000));
  line.freeze();
  const began = performance.now();
  const committing = writer.commit();
  const listing = Array.fromAsync(storage.list("", cancel.signal));
  await pause(100);
  cancel.abort();
  const aborted = { name: "AbortError" };
  await Promise.all([assert.rejects(committing, aborted), assert.rejects(listing, aborted)]);
  await writer.abort();
  assert.ok(performance.now() - began < 8000);
});

test(
  "an object of several slices arrives whole, and is read from any place",
  { skip },
  async (context) => {
    const { path, storage } = await makePlace(context);
    // Two slices and a bit, of pages that tell where they belong.
    const size = 600 * 1_048_576 + 7;
    const page = (at: number): Buffer => {
      const bytes = Buffer.alloc(1_048_576, at % 251);
      bytes.writeUInt32BE(at);
      return bytes;
    };
    async function* body() {
      for (let at = 0; at < 600; at += 1) yield page(at);
      yield Buffer.from("the end");
    }
    const stored = await storage.write("large.tar", { open: body, size }, signal);
    assert.equal(stored.size, size);
    assert.deepEqual(await readdir(join(path, ".safehouse/unfinished")), []);
    const source = await storage.open("large.tar", signal);
    try {
      for (const at of [599, 3, 4, 5, 300]) {
        assert.deepEqual(Buffer.from(await source.read(at * 1_048_576, 1_048_576)), page(at));
      }
      assert.equal(Buffer.from(await source.read(size - 7, 100)).toString(), "the end");
    } finally {
      await source.close();
    }
    assert.deepEqual(await readdir(spool), []);
  },
);

test("what came meanwhile under the name of a large object stays", { skip }, async (context) => {
  const { path, storage } = await makePlace(context);
  await storage.write("first", content("x"), signal);
  await using writer = await storage.openWrite("x.tar", {}, signal);
  await writer.write(Buffer.alloc(257 * 1_048_576));
  await writeFile(join(path, "x.tar"), "theirs");
  await rejectsWith(writer.commit(), "already-exists");
  await writer.abort();
  assert.equal(await readFile(join(path, "x.tar"), "utf8"), "theirs");
  assert.deepEqual(await readdir(join(path, ".safehouse/unfinished")), []);
});

test(
  "what dead writers left goes after half a day of silence, by the clock of the place",
  { skip },
  async (context) => {
    const { path, storage } = await makePlace(context);
    const { uid, gid } = await stat(rsyncd.folder);
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

test(
  "a large object passes in little memory, and nothing holds the process up",
  { skip },
  async (context) => {
    const { settings } = await makePlace(context);
    const order = { kind: "rsync", settings, key: "large", megabytes: largeMegabytes };
    const { readBytes, peakBytes, stayedMs } = await transferAlone(order);
    assert.equal(readBytes, largeMegabytes * 1_048_576);
    assert.ok(peakBytes < 250e6, `${peakBytes} bytes were resident`);
    assert.ok(stayedMs < 5000, `it stayed for ${stayedMs} ms`);
  },
);
