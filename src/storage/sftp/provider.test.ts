import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  chown,
  lutimes,
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
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import ssh2 from "ssh2";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { Line } from "#test/places/line.ts";
import { lineFor } from "#test/places/line-for.ts";
import { noOwnMounts } from "#test/places/own-mounts.ts";
import { noSshd, startSshd, type Sshd } from "#test/places/sshd.ts";
import { largeMegabytes, transferAlone } from "#test/places/transfer-alone.ts";
import {
  content,
  listed,
  readAll,
  rejectsWith,
  sameBytes,
  someBytes,
} from "../contract/objects.ts";
import { StorageError } from "../errors.ts";
import type { Content } from "../provider.ts";
import { SftpStorage } from "./provider.ts";
import { parseSftpSettings } from "./settings.ts";

const { signal } = new AbortController();
const skip = noSshd;

let sshd: Sshd;
/** A server that knows nothing beyond version 3. */
let plain: Sshd;
before(async () => {
  if (skip !== false) return;
  sshd = await startSshd();
  const extensions = "posix-rename,hardlink,fsync,statvfs,fstatvfs,lsetstat,limits,expand-path";
  plain = await startSshd({ sftp: `internal-sftp -P ${extensions}` });
});
after(async () => {
  await sshd?.[Symbol.asyncDispose]();
  await plain?.[Symbol.asyncDispose]();
});

async function makePlace(context: TestContext, more: object = {}, server = sshd) {
  const path = await mkdtemp(join(server.folder, "place ü $1 "));
  const { uid, gid } = await stat(server.folder);
  await chown(path, uid, gid);
  context.after(() => rm(path, { recursive: true, force: true }));
  const settings = {
    host: "127.0.0.1",
    port: server.port,
    user: server.user,
    privateKey: server.privateKey,
    path,
    hostKey: server.hostKeys.ed25519,
    ...more,
  };
  return { path, settings, storage: new SftpStorage(parseSftpSettings(settings)) };
}

if (skip === false) {
  keepsStorageContract("sftp", async (context) => (await makePlace(context)).storage, {
    manyObjects: 200,
    atOnce: 4,
  });
  keepsStorageContract(
    "sftp without extensions",
    async (context) => (await makePlace(context, {}, plain)).storage,
    { manyObjects: 50, atOnce: 4 },
  );
} else {
  test("sftp keeps the storage contract", { skip }, () => undefined);
}

test(
  "a folder that is missing is unreachable, never empty and never created",
  { skip },
  async (context) => {
    const { path, settings } = await makePlace(context);
    const missing = join(path, "not-mounted");
    const storage = new SftpStorage(parseSftpSettings({ ...settings, path: missing }));
    await rejectsWith(Array.fromAsync(storage.list("", signal)), "unreachable");
    await rejectsWith(Array.fromAsync(storage.list("deep/", signal)), "unreachable");
    await rejectsWith(storage.write("x.tar", content("x"), signal), "unreachable");
    await rejectsWith(storage.write("deep/x.tar", content("x"), signal), "unreachable");
    await rejectsWith(storage.stat("x.tar", signal), "unreachable");
    await rejectsWith(storage.open("x.tar", signal), "unreachable");
    await rejectsWith(storage.remove("x.tar", signal), "unreachable");
    await rejectsWith(storage.removeLeftovers(signal), "unreachable");
    await assert.rejects(stat(missing), { code: "ENOENT" });
  },
);

test("links and pipes in the folder are no objects", { skip }, async (context) => {
  const { path, storage } = await makePlace(context);
  await writeFile(join(path, "file"), "kept");
  await symlink(join(path, "file"), join(path, "link.tar"));
  execFileSync("mkfifo", [join(path, "pipe.tar")]);
  assert.deepEqual(
    (await listed({ storage, signal }, "")).map(({ key }) => key),
    ["file"],
  );
  for (const key of ["link.tar", "pipe.tar"]) {
    await rejectsWith(storage.read(key, undefined, signal), "not-found");
    await rejectsWith(storage.open(key, signal), "not-found");
  }
  await storage.write("link.tar", { ...content("new"), overwrite: true }, signal);
  assert.equal(await readFile(join(path, "file"), "utf8"), "kept");
});

test("names of unfinished objects are refused as keys", { skip }, async (context) => {
  const { storage } = await makePlace(context);
  const name = ".safehouse-0123456789abcdef.tmp";
  await assert.rejects(storage.write(name, content("x"), signal), RangeError);
  await assert.rejects(storage.stat(`a/${name}`, signal), RangeError);
});

test(
  "of two writers of one new key only one succeeds where the server has hard links",
  { skip },
  async (context) => {
    const { path, storage } = await makePlace(context);
    await using first = await storage.openWrite("x.tar", {}, signal);
    await using second = await storage.openWrite("x.tar", {}, signal);
    await first.write(Buffer.from("first"));
    await second.write(Buffer.from("second"));
    const outcomes = await Promise.allSettled([first.commit(), second.commit()]);
    assert.deepEqual(outcomes.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
    await first.abort();
    await second.abort();
    assert.deepEqual(await readdir(path), ["x.tar"]);
  },
);

test(
  "a version differs from the one that it replaces in the same second with the same size",
  { skip },
  async (context) => {
    for (const server of [sshd, plain]) {
      const { storage } = await makePlace(context, {}, server);
      const versions = new Set<string>();
      for (const text of ["aaaa", "bbbb", "cccc"]) {
        const stored = await storage.write("x", { ...content(text), overwrite: true }, signal);
        assert.deepEqual(await storage.stat("x", signal), stored);
        versions.add(stored.version);
      }
      assert.equal(versions.size, 3);
    }
  },
);

test("objects are for their owner only", { skip }, async (context) => {
  const { path, storage } = await makePlace(context);
  await storage.write("deep/x.tar", content("x"), signal);
  assert.equal((await stat(join(path, "deep/x.tar"))).mode & 0o777, 0o600);
  assert.equal((await stat(join(path, "deep"))).mode & 0o777, 0o700);
});

test("folders go with their last object, and those of others stay", { skip }, async (context) => {
  const { path, storage } = await makePlace(context);
  await mkdir(join(path, "theirs"));
  await storage.write("a/b/c", content("x"), signal);
  await storage.remove("a/b/c", signal);
  assert.deepEqual(await readdir(path), ["theirs"]);
});

test(
  "the password opens the door, however odd it is, and a wrong one is told and not shown",
  { skip: noOwnMounts },
  async (context) => {
    const { password } = sshd;
    const withPassword = { privateKey: "", password };
    const { storage, settings } = await makePlace(context, withPassword);
    await storage.write("x", content("x"), signal);
    const wrong = { ...settings, password: "a wrong one, but secret" };
    const writing = new SftpStorage(parseSftpSettings(wrong)).write("x", content("x"), signal);
    await assert.rejects(writing, (error: unknown) => {
      assert.ok(error instanceof StorageError && error.problem === "sign-in", String(error));
      assert.match(
        error.message,
        /does not let safehouse in with the password; it takes .*publickey/,
      );
      assert.doesNotMatch(
        `${error.message} ${error.stack} ${JSON.stringify(error.facts)}`,
        /secret/,
      );
      return true;
    });
  },
);

test(
  "a server that asks for the password in words gets it, and no second time",
  { skip },
  async (context) => {
    const asked: string[] = [];
    const hostKeys = [sshd.privateKey];
    const server = new ssh2.Server({ hostKeys }, (client) => {
      // Who is refused goes away without a word.
      client.on("error", () => undefined);
      client.on("authentication", (request) => {
        if (request.method !== "keyboard-interactive")
          return request.reject(["keyboard-interactive"]);
        request.prompt(
          [
            { prompt: "User?", echo: true },
            { prompt: "Password:", echo: false },
          ],
          ([user, password]) => {
            asked.push(`${user}:${password}`);
            if (password === "right ü") request.accept();
            else request.reject(["keyboard-interactive"]);
          },
        );
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    context.after(() => server.close());
    const { port } = server.address() as { port: number };
    const strange = await makePlace(context, {
      port,
      privateKey: "",
      password: "right ü",
      hostKey: "",
    });
    const told = await strange.storage.freeSpace(signal).catch((error: unknown) => error);
    const hostKey = told instanceof StorageError ? String(told.facts?.["hostKey"]) : "";
    const open = (password: string): SftpStorage =>
      new SftpStorage(parseSftpSettings({ ...strange.settings, hostKey, password }));
    await assert.rejects(open("right ü").freeSpace(signal), /offers no SFTP/);
    await rejectsWith(open("wrong").freeSpace(signal), "sign-in");
    assert.deepEqual(asked, [":right ü", ":wrong"]);
  },
);

test("a key that the server does not know is a failed sign-in", { skip }, async (context) => {
  const { storage } = await makePlace(context, { privateKey: plain.privateKey });
  await rejectsWith(storage.stat("x", signal), "sign-in");
});

test(
  "a locked key is opened with its passphrase, and a wrong one is told",
  { skip },
  async (context) => {
    const { path, settings } = await makePlace(context);
    const file = join(path, "key");
    await writeFile(file, sshd.privateKey, { mode: 0o600 });
    const passphrase = `odd "one" ü $x`;
    execFileSync("ssh-keygen", ["-q", "-p", "-f", file, "-N", passphrase]);
    const privateKey = (await readFile(file, "utf8")).replaceAll("\n", "\r\n");
    const open = (more: object): SftpStorage =>
      new SftpStorage(parseSftpSettings({ ...settings, privateKey, ...more }));
    assert.equal((await listed({ storage: open({ passphrase }), signal }, "")).length, 1);
    const listing = (more: object) => listed({ storage: open(more), signal }, "");
    await assert.rejects(listing({ passphrase: "wrong" }), /the passphrase does not open it/);
    await assert.rejects(listing({}), /it is locked, and no passphrase is set/);
  },
);

test("an agent is asked for keys, and one that is gone is told", { skip }, async (context) => {
  const { path, settings } = await makePlace(context);
  const [agentSocket, file] = [join(path, "agent"), join(path, "key")];
  await writeFile(file, sshd.privateKey, { mode: 0o600 });
  const said = execFileSync("ssh-agent", ["-a", agentSocket]).toString();
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(said)?.[1]);
  execFileSync("ssh-add", ["-q", file], { env: { ...process.env, SSH_AUTH_SOCK: agentSocket } });
  const withAgent = { ...settings, privateKey: "", agentSocket };
  await new SftpStorage(parseSftpSettings(withAgent)).freeSpace(signal);
  process.kill(pid);
  await rm(agentSocket, { force: true });
  const failing = new SftpStorage(parseSftpSettings(withAgent)).freeSpace(signal);
  await assert.rejects(failing, { problem: "sign-in", message: /a key of the agent.*the agent: / });
});

test(
  "a host whose key is not pinned is refused, and the key to pin is told",
  { skip },
  async (context) => {
    const { storage } = await makePlace(context, { hostKey: "" });
    await assert.rejects(storage.stat("x", signal), (error: unknown) => {
      assert.ok(error instanceof StorageError && error.problem === "denied", String(error));
      assert.equal(error.facts?.["hostKey"], sshd.hostKeys.ed25519);
      assert.ok(error.message.includes(`set hostKey to ${sshd.hostKeys.ed25519}`), error.message);
      return true;
    });
  },
);

test(
  "a host with another key than the pinned one is refused before anything is sent",
  { skip },
  async (context) => {
    const before = sshd.log().length;
    const { storage } = await makePlace(context, { hostKey: plain.hostKeys.ed25519 });
    await assert.rejects(storage.stat("x", signal), (error: unknown) => {
      assert.ok(error instanceof StorageError && error.problem === "denied", String(error));
      assert.match(error.message, /instead of SHA256:.*somebody stands between/);
      return true;
    });
    assert.doesNotMatch(sshd.log().slice(before), /Accepted|Failed|userauth/);
  },
);

test("any of the host's keys can be the pinned one", { skip }, async (context) => {
  const { storage } = await makePlace(context, { hostKey: `${sshd.hostKeys.rsa}=` });
  await storage.write("x", content("x"), signal);
});

test(
  "a host that is off, and a name that nobody has, are unreachable",
  { skip },
  async (context) => {
    const line = await Line.to(sshd.port);
    const { settings, storage } = await makePlace(context, { port: line.port });
    await line[Symbol.asyncDispose]();
    await assert.rejects(storage.stat("x", signal), { problem: "unreachable", message: /refused/ });
    const nobody = { ...settings, host: "nobody.invalid" };
    await rejectsWith(new SftpStorage(parseSftpSettings(nobody)).stat("x", signal), "unreachable");
  },
);

test("what is no SSH server is told so, and waits for nobody", { skip }, async (context) => {
  const { createServer } = await import("node:net");
  const http = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  context.after(() => http.close());
  const port = await new Promise<number>((resolve) =>
    http.listen(0, "127.0.0.1", () => resolve((http.address() as { port: number }).port)),
  );
  const { storage } = await makePlace(context, { port });
  await rejectsWith(storage.stat("x", signal), "unreachable");
});

test("what the user may not do is denied", { skip: noOwnMounts }, async (context) => {
  const { path, storage } = await makePlace(context);
  await storage.write("x", content("x"), signal);
  await chown(path, 0, 0);
  await chmod(path, 0o755);
  await rejectsWith(storage.write("y", content("y"), signal), "denied");
  await rejectsWith(storage.remove("x", signal), "denied");
  await chmod(path, 0o700);
  await rejectsWith(Array.fromAsync(storage.list("", signal)), "denied");
});

test(
  "a disk that is full is told with numbers, and nothing stays on it",
  { skip: noOwnMounts },
  async (context) => {
    const { storage } = await makePlace(context, { path: sshd.smallDisk });
    const space = await storage.freeSpace(signal);
    assert.ok(space !== undefined && space.freeBytes > 7_000_000 && space.freeBytes <= 8 * 2 ** 20);
    const bytes = someBytes(12_000_000);
    const isFull = (error: unknown): boolean => {
      assert.ok(error instanceof StorageError && error.problem === "full", String(error));
      const { neededBytes, freeBytes } = error.facts ?? {};
      assert.ok(Number(neededBytes) > Number(freeBytes), JSON.stringify(error.facts));
      return true;
    };
    await assert.rejects(
      storage.write("x", { ...content(bytes), size: bytes.length }, signal),
      isFull,
    );
    await assert.rejects(storage.write("x", content(bytes), signal), isFull);
    assert.deepEqual(await listed({ storage, signal }, ""), []);
    assert.deepEqual(await storage.freeSpace(signal), space);
  },
);

test(
  "a line that is cut is unreachable, nothing is seen, and another process goes on",
  { skip },
  async (context) => {
    const line = await lineFor(context, sshd.port);
    const { path, settings, storage } = await makePlace(context, { port: line.port });
    const bytes = someBytes(30_000_000);
    let state: string | undefined;
    const keep = async (kept: string): Promise<void> => void (state = kept);
    const begins: number[] = [];
    const upload = (cutAt: number): Content => ({
      size: bytes.length,
      resume: { state, keep },
      async *open(from = 0) {
        begins.push(from);
        for (let at = from; at < bytes.length; at += 100_000) {
          if (at - (at % 100_000) === cutAt) line.cut();
          yield bytes.subarray(at, Math.min(bytes.length, at + 100_000));
        }
      },
    });
    await rejectsWith(storage.write("x.tar", upload(25_000_000), signal), "unreachable");
    assert.deepEqual(await listed({ storage, signal }, ""), []);
    const sent = line.sentBytes;
    const another = new SftpStorage(parseSftpSettings(settings));
    await another.write("x.tar", upload(-1), signal);
    assert.ok((begins[1] ?? 0) > 5_000_000, `it began again at ${begins[1]}`);
    assert.ok(line.sentBytes - sent < bytes.length - 4_000_000, "only the rest was sent");
    sameBytes(await readAll({ storage, signal }, "x.tar"), bytes);
    assert.deepEqual(await readdir(path), ["x.tar"]);
  },
);

test(
  "after a cut without resume nothing stays, and the next call connects anew",
  { skip },
  async (context) => {
    const line = await lineFor(context, sshd.port);
    const { path, storage } = await makePlace(context, { port: line.port });
    await storage.write("x", content(someBytes(3_000_000)), signal);
    const writer = await storage.openWrite("y", {}, signal);
    await writer.write(someBytes(1_000_000));
    const source = await storage.open("x", signal);
    line.cut();
    await rejectsWith(source.read(0, 100), "unreachable");
    await source.close();
    await assert.rejects(writer.write(someBytes(20_000_000)), { problem: "unreachable" });
    await writer.abort();
    assert.deepEqual(await readdir(path), ["x"]);
    const reading = (async () => {
      for await (const _ of await storage.read("x", undefined, signal)) line.cut();
    })();
    await rejectsWith(reading, "unreachable");
    assert.equal((await storage.stat("x", signal)).size, 3_000_000);
  },
);

test("cancelling ends within seconds although the line is dead", { skip }, async (context) => {
  const line = await lineFor(context, sshd.port);
  const { storage } = await makePlace(context, { port: line.port });
  await storage.write("x", content("x"), signal);
  const cancel = new AbortController();
  const writer = await storage.openWrite("y", {}, cancel.signal);
  line.fallSilent();
  const writing = writer.write(someBytes(20_000_000));
  const listing = Array.fromAsync(storage.list("", cancel.signal));
  const began = performance.now();
  await pause(50);
  cancel.abort();
  await assert.rejects(writing, { name: "AbortError" });
  await assert.rejects(listing, { name: "AbortError" });
  await writer.abort();
  assert.ok(performance.now() - began < 8000);
});

test("keys are exchanged anew in the middle of transfers", { skip }, async (context) => {
  await using server = await startSshd({ config: ["RekeyLimit 2M"] });
  const { storage } = await makePlace(context, {}, server);
  const bytes = someBytes(20_000_000);
  await storage.write("x", content(bytes), signal);
  sameBytes(await readAll({ storage, signal }, "x"), bytes);
});

test("algorithms of old devices are taken only where that is set", { skip }, async (context) => {
  await using server = await startSshd({
    config: [
      "KexAlgorithms diffie-hellman-group14-sha1",
      "HostKeyAlgorithms ssh-rsa",
      "Ciphers aes128-cbc",
      "MACs hmac-sha1",
    ],
  });
  const hostKey = server.hostKeys.rsa;
  const { storage } = await makePlace(context, { hostKey }, server);
  await assert.rejects(storage.stat("x", signal), {
    problem: "unsupported",
    message: /no algorithm in common .* set oldAlgorithms/,
  });
  const old = await makePlace(context, { hostKey, oldAlgorithms: true }, server);
  await old.storage.write("x", content("x"), signal);
  assert.equal((await readAll({ storage: old.storage, signal }, "x")).toString(), "x");
});

test(
  "what dead writers left goes after half a day of silence, by the server's clock",
  { skip },
  async (context) => {
    const { path, storage } = await makePlace(context);
    await mkdir(join(path, ".safehouse"));
    const { uid, gid } = await stat(sshd.folder);
    await chown(join(path, ".safehouse"), uid, gid);
    const hours = (count: number): Date => new Date(Date.now() - count * 3_600_000);
    const files: readonly (readonly [name: string, silent: number])[] = [
      [".safehouse-0000000000000001.tmp", 13],
      [".safehouse-0000000000000002.tmp", 11],
      [".safehouse-resume-0000000000000003.tmp", 6 * 24],
      [".safehouse-resume-0000000000000004.tmp", 8 * 24],
      [".safehouse/.safehouse-0000000000000005.tmp", 13],
      ["mine.tmp", 1000],
      [".safehouse-0123456789ab-1-1-01234567-01234567.tmp", 1000],
    ];
    for (const [name, silent] of files) {
      await writeFile(join(path, name), "12345");
      await utimes(join(path, name), hours(silent), hours(silent));
    }
    await using writer = await storage.openWrite("x", {}, signal);
    const unfinished = (await readdir(path)).find(
      (name) =>
        !files.some(([known]) => known === name && name !== ".safehouse") && name !== ".safehouse",
    );
    await lutimes(join(path, unfinished ?? ""), hours(100), hours(100));
    const removed = await storage.removeLeftovers(signal);
    assert.deepEqual(
      removed.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
      [
        { key: ".safehouse-0000000000000001.tmp", size: 5 },
        { key: ".safehouse-resume-0000000000000004.tmp", size: 5 },
        { key: ".safehouse/.safehouse-0000000000000005.tmp", size: 5 },
      ],
    );
    assert.deepEqual(await storage.removeLeftovers(signal), []);
    await writer.commit();
    assert.deepEqual(
      (await listed({ storage, signal }, "")).map(({ key }) => key),
      ["mine.tmp", "x"],
    );
  },
);

test(
  "a large object passes in little memory, and the connection holds no process up",
  { skip },
  async (context) => {
    const { settings } = await makePlace(context);
    const order = { kind: "sftp", settings, key: "large", megabytes: largeMegabytes };
    const { readBytes, peakBytes, stayedMs } = await transferAlone(order);
    assert.equal(readBytes, largeMegabytes * 1_048_576);
    assert.ok(peakBytes < 250e6, `${peakBytes} bytes were resident`);
    assert.ok(stayedMs < 5000, `it stayed for ${stayedMs} ms`);
  },
);
