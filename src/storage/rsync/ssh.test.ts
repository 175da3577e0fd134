import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { lineFor } from "#test/places/line-for.ts";
import { noOwnMounts } from "#test/places/own-mounts.ts";
import { openRsync, sshPlaces } from "#test/places/rsync-places.ts";
import {
  content,
  listed,
  readAll,
  rejectsWith,
  sameBytes,
  someBytes,
} from "../contract/objects.ts";
import { StorageError } from "../errors.ts";

/** Debian has it in the package of rsync. */
const noRestriction = existsSync("/usr/bin/rrsync") ? false : "absent: rrsync";
const { signal } = new AbortController();
const { skip, makePlace, sshd } = sshPlaces();

if (skip === false)
  keepsStorageContract("rsync over SSH", async (context) => (await makePlace(context)).storage, {
    manyObjects: 3,
    atOnce: 5,
  });
else test("rsync over SSH keeps the storage contract", { skip }, () => undefined);

test(
  "the password or a locked key opens the door, and wrong ones are told and not shown",
  { skip: skip || noOwnMounts },
  async (context) => {
    const { path, settings } = await makePlace(context);
    const withPassword = { ...settings, privateKey: "", password: sshd().password ?? "" };
    await openRsync(withPassword).write("x", content("x"), signal);
    const wrongPassword = openRsync({ ...withPassword, password: "wrong, but secret" });
    await assert.rejects(wrongPassword.stat("x", signal), isSignIn);
    const file = join(path, "key");
    await writeFile(file, sshd().privateKey, { mode: 0o600 });
    const passphrase = `odd "one" 'ü' $x \\`;
    execFileSync("ssh-keygen", ["-q", "-p", "-f", file, "-N", passphrase]);
    const privateKey = (await readFile(file, "utf8")).replaceAll("\n", "\r\n");
    await openRsync({ ...settings, privateKey, passphrase }).stat("x", signal);
    const wrongPhrase = openRsync({ ...settings, privateKey, passphrase: "a secret as well" });
    await assert.rejects(wrongPhrase.stat("x", signal), isSignIn);
  },
);

function isSignIn(error: unknown): boolean {
  assert.ok(error instanceof StorageError && error.problem === "sign-in", String(error));
  const said = `${error.message} ${error.stack} ${String(error.cause)} ${JSON.stringify(error.facts)}`;
  assert.doesNotMatch(said, /secret/);
  return true;
}

test(
  "a host whose key is not pinned, or is another, is refused before anything is sent",
  { skip },
  async (context) => {
    const { settings } = await makePlace(context);
    const { ed25519, rsa } = sshd().hostKeys;
    const before = sshd().log().length;
    const unpinned = openRsync({ ...settings, hostKey: "" }).stat("x", signal);
    await assert.rejects(unpinned, (error: unknown) => {
      assert.ok(error instanceof StorageError && error.problem === "denied", String(error));
      assert.equal(error.facts?.["hostKey"], ed25519);
      assert.ok(error.message.includes(`set hostKey to ${ed25519}`), error.message);
      return true;
    });
    const strange = `SHA256:${rsa.slice(7).split("").toReversed().join("")}`;
    const refused = openRsync({ ...settings, hostKey: strange }).stat("x", signal);
    await assert.rejects(refused, { problem: "denied", message: /somebody stands between/ });
    assert.doesNotMatch(sshd().log().slice(before), /Accepted|Failed password/);
    await openRsync({ ...settings, hostKey: rsa }).write("x", content("x"), signal);
  },
);

test(
  "no secret is among the arguments of any program",
  { skip: skip || noOwnMounts },
  async (context) => {
    const { path, settings } = await makePlace(context);
    const password = sshd().password ?? "";
    const storage = openRsync({ ...settings, privateKey: "", password });
    const seen = new Set<string>();
    let isOver = false;
    const looking = (async () => {
      while (!isOver) {
        for (const args of runningArgs()) seen.add(args);
        await pause(5);
      }
    })();
    await storage.write("x", content(someBytes(3_000_000)), signal);
    isOver = true;
    await looking;
    assert.ok(Array.from(seen).some((args) => args.startsWith("rsync") && args.includes(path)));
    for (const args of seen) assert.ok(!args.includes(password), args);
  },
);

/** What each process of this machine was started with. */
function runningArgs(): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      } catch {
        // It has ended meanwhile.
        return "";
      }
    });
}

test(
  "a folder below that of the sign-in is reached without a / in front",
  { skip: skip || noOwnMounts },
  async (context) => {
    const { path, settings } = await makePlace(context);
    const storage = openRsync({ ...settings, path: relative(sshd().folder, path) });
    const bytes = someBytes(2_000_000);
    const resume = { state: undefined, keep: async () => undefined };
    await storage.write("a/b.tar", { ...content(bytes), size: bytes.length, resume }, signal);
    assert.deepEqual(await readFile(join(path, "a/b.tar")), bytes);
    sameBytes(await readAll({ storage, signal }, "a/b.tar"), bytes);
    assert.deepEqual(await readdir(join(path, ".safehouse/unfinished")), []);
    await rejectsWith(openRsync({ ...settings, path: "gone" }).stat("x", signal), "unreachable");
  },
);

test(
  "a disk that is full is told, and nothing is seen of what was cut",
  { skip: skip || noOwnMounts },
  async (context) => {
    const { settings } = await makePlace(context, { path: sshd().smallDisk ?? "" });
    const storage = openRsync(settings);
    const bytes = someBytes(12_000_000);
    await rejectsWith(storage.write("x", content(bytes), signal), "full");
    const resume = { state: undefined, keep: async () => undefined };
    const writing = storage.write("x", { ...content(bytes), size: bytes.length, resume }, signal);
    await rejectsWith(writing, "full");
    assert.deepEqual(await listed({ storage, signal }, ""), []);
  },
);

test(
  "cancelling ends within seconds although the server says nothing",
  { skip },
  async (context) => {
    const line = await lineFor(context, sshd().port);
    const { settings, storage } = await makePlace(context, { port: line.port });
    await storage.write("x", content("x"), signal);
    line.fallSilent();
    const fresh = openRsync(settings);
    for (const silent of [storage, fresh]) {
      const cancel = new AbortController();
      const began = performance.now();
      const reading = silent.stat("x", cancel.signal);
      await pause(200);
      cancel.abort();
      await assert.rejects(reading, { name: "AbortError" });
      assert.ok(performance.now() - began < 5000);
    }
  },
);

test(
  "a key that may do nothing but rsync below one folder is enough",
  { skip: skip || noRestriction },
  async (context) => {
    const { path, settings } = await makePlace(context);
    const keys = await mkdtemp(join(tmpdir(), "safehouse-keys-"));
    context.after(() => rm(keys, { recursive: true }));
    const file = join(keys, "key");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
    // Quoted for the shell there, and all of it for the list of keys.
    const command = `rrsync '${path.replaceAll("'", String.raw`'\''`)}'`;
    const allowed = await readFile(`${file}.pub`, "utf8");
    await sshd().allow(`command="${command}",restrict ${allowed}`);
    const privateKey = await readFile(file, "utf8");
    const bytes = someBytes(1_000_000);
    const resume = { state: undefined, keep: async () => undefined };
    await mkdir(join(path, "sub"), { mode: 0o777 });
    await chmod(join(path, "sub"), 0o777);
    const below = openRsync({ ...settings, privateKey, path: "/sub" });
    await assert.rejects(below.write("a", content("a"), signal), { message: /path has to be \// });
    const storage = openRsync({ ...settings, privateKey, path: "/" });
    await storage.write("notes/b", content("a"), signal);
    await storage.write("a.tar", { ...content(bytes), size: bytes.length, resume }, signal);
    sameBytes(await readAll({ storage, signal }, "a.tar"), bytes);
    await storage.write("notes/b", { ...content("b"), overwrite: true }, signal);
    await storage.remove("a.tar", signal);
    assert.deepEqual((await readdir(path)).toSorted(), [".safehouse", "notes", "sub"]);
  },
);
