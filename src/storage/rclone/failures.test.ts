import { strict as assert } from "node:assert";
import { once } from "node:events";
import { symlink } from "node:fs/promises";
import { createServer } from "node:net";
import { after, test } from "node:test";
import type { TestContext } from "node:test";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import {
  RcloneBench,
  absentRclone,
  daemonsFor,
  killed,
  obscured,
  servedPassword,
} from "#test/places/rclone.ts";
import { content, listed, readAll, rejectsWith, someBytes } from "../contract/objects.ts";
import type { StorageError } from "../errors.ts";
import { RcloneStorage } from "./provider.ts";
import { parseRcloneSettings } from "./settings.ts";

const { signal } = new AbortController();
const skip = await absentRclone();
const bench = await RcloneBench.make();
after(() => bench.end());

const opened = (settings: object): RcloneStorage =>
  new RcloneStorage(parseRcloneSettings(settings));

/** Encrypted by rclone's own "config", with the password `pässword`; has the remote `root`, which is /. */
const encryptedConfig = `# Encrypted rclone configuration File

RCLONE_ENCRYPT_V0:
YsN3Vkc2m9w5lAWyRu5Cms5BychJ1iaw63AP5cQTSKnPWtTt7uN00183nTvkO96dBksdF7+pmGzJMOa/td8gofeqaH7FMf8o`;

test(
  "a configuration that is encrypted is opened with its password, and with no other",
  { skip },
  async () => {
    const config = await bench.file(encryptedConfig);
    const remote = `root:${(await bench.newFolder()).slice(1)}`;
    const storage = opened({ remote, config, configPassword: "pässword" });
    await storage.write("a", content("a"), signal);
    assert.equal((await listed({ storage, signal }, "")).length, 1);
    for (const configPassword of ["wrong 'p' $x", undefined]) {
      const closed = opened({ remote, config, configPassword });
      await assert.rejects(closed.stat("a", signal), (error: StorageError) => {
        assert.equal(error.problem, "sign-in");
        assert.match(error.message, /configuration is encrypted/);
        assert.doesNotMatch(error.message, /wrong 'p'/);
        return true;
      });
    }
  },
);

test("secrets are in no argument of a program", { skip }, async () => {
  const config = await bench.file(encryptedConfig);
  const remote = `root:${(await bench.newFolder()).slice(1)}`;
  await opened({ remote, config, configPassword: "pässword" }).freeSpace(signal);
  const { stdout } = spawnSync("ps", ["-ww", "-eo", "args"], { encoding: "utf8" });
  assert.match(stdout, /rclone rcd --rc-serve/);
  assert.doesNotMatch(stdout, /pässword/);
  assert.equal((await daemonsFor(remote)).length, 1);
});

test("a remote that rclone does not know is told from a place that is away", { skip }, async () => {
  const config = await bench.config({ other: { type: "memory" } });
  await assert.rejects(opened({ remote: "nas:backups", config }).stat("a", signal), {
    problem: "unsupported",
    message: /^nas:backups: rclone's configuration has no such remote/,
  });
});

test(
  "a refused connection, a wrong password and an unknown host are told apart",
  { skip },
  async () => {
    const server = await bench.serve("webdav", await bench.newFolder());
    const dav = (url: string, pass: string) => ({
      type: "webdav",
      vendor: "other",
      user: "me",
      url,
      pass,
    });
    const url = `http://127.0.0.1:${server.port}`;
    const config = await bench.config({
      right: dav(url, await obscured(servedPassword)),
      wrong: dav(url, await obscured("wrong")),
      refused: dav("http://127.0.0.1:1", await obscured("x")),
    });
    await opened({ remote: "right:", config }).write("a", content("a"), signal);
    await rejectsWith(opened({ remote: "wrong:", config }).stat("a", signal), "sign-in");
    await rejectsWith(opened({ remote: "refused:", config }).stat("a", signal), "unreachable");
  },
);

test("a token that has expired asks for a new sign-in", { skip }, async () => {
  const tokens = createServer((socket) => {
    socket.once("data", () => {
      const body = '{"error": "invalid_grant", "error_description": "Token has been revoked."}';
      const head = `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
      socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`);
    });
  }).listen(0, "127.0.0.1");
  await once(tokens, "listening");
  const { port } = tokens.address() as { port: number };
  const token = JSON.stringify({
    access_token: "x",
    token_type: "Bearer",
    refresh_token: "secret-refresh",
    expiry: "2020-01-01T00:00:00Z",
  });
  const config = await bench.config({
    drive: {
      type: "drive",
      token,
      token_url: `http://127.0.0.1:${port}/token`,
      client_id: "a",
      client_secret: "b",
    },
  });
  try {
    await assert.rejects(
      opened({ remote: "drive:", config }).stat("a", signal),
      (error: StorageError) => {
        assert.equal(error.problem, "sign-in");
        assert.doesNotMatch(error.message, /secret-refresh/);
        return true;
      },
    );
  } finally {
    tokens.close();
  }
});

test("a server that dies in the middle of an object leaves nothing of it", { skip }, async () => {
  const folder = await bench.newFolder();
  const server = await bench.serve("webdav", folder);
  const config = await bench.config({
    dav: {
      type: "webdav",
      vendor: "other",
      user: "me",
      url: `http://127.0.0.1:${server.port}`,
      pass: await obscured(servedPassword),
    },
  });
  const storage = opened({ remote: "dav:", config });
  async function* open() {
    for (let chunk = 0; chunk < 200; chunk += 1) {
      if (chunk === 20) await killed(server.child);
      yield someBytes(100_000);
    }
  }
  const writing = storage.write("torn.tar", { open, size: 20_000_000 }, signal);
  await rejectsWith(writing, "unreachable");
  await bench.serve("webdav", folder, { port: server.port });
  assert.deepEqual(await listed({ storage, signal }, ""), []);
  await storage.write("torn.tar", content(someBytes(500_000)), signal);
  assert.equal((await readAll({ storage, signal }, "torn.tar")).length, 500_000);
});

test(
  "an rclone that dies in the middle of an object is started again for the next",
  { skip },
  async () => {
    const path = await bench.newFolder();
    const storage = opened({ remote: `:local:${path}` });
    async function* open() {
      for (let chunk = 0; chunk < 200; chunk += 1) {
        if (chunk === 20)
          for (const pid of await daemonsFor(`:local:${path}`)) process.kill(pid, "SIGKILL");
        yield someBytes(100_000);
      }
    }
    await rejectsWith(storage.write("torn.tar", { open }, signal), "unreachable");
    assert.deepEqual(await listed({ storage, signal }, ""), []);
    await storage.write("torn.tar", content("whole"), signal);
    assert.equal((await readAll({ storage, signal }, "torn.tar")).toString(), "whole");
  },
);

test("a place that never answers is given up within seconds", { skip }, async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as { port: number };
  const config = await bench.config({
    dav: { type: "webdav", vendor: "other", url: `http://127.0.0.1:${port}` },
  });
  const storage = opened({ remote: "dav:", config });
  try {
    const begun = performance.now();
    for (const work of [
      (until: AbortSignal) => storage.stat("a", until),
      (until: AbortSignal) => storage.write("a", { ...content("x"), overwrite: true }, until),
      (until: AbortSignal) => Array.fromAsync(storage.list("", until)),
    ])
      await assert.rejects(work(AbortSignal.timeout(300)), { name: "TimeoutError" });
    assert.ok(performance.now() - begun < 25_000);
  } finally {
    silent.close();
  }
});

test("without rclone its absence is told", async (context: TestContext) => {
  const folder = await bench.newFolder();
  await symlink("/bin/sh", `${folder}/sh`);
  const path = process.env["PATH"];
  context.after(() => (process.env["PATH"] = path));
  process.env["PATH"] = folder;
  await rejectsWith(opened({ remote: ":memory:none" }).stat("a", signal), "unsupported");
  await assert.rejects(opened({ remote: ":memory:none" }).stat("a", signal), /not installed/);
});

const mayMount = spawnSync("unshare", ["--mount", "true"]).status === 0;

test(
  "a full disk is told, with both numbers where they are known",
  {
    skip: skip || (mayMount ? false : "absent: the right to mount"),
  },
  () => {
    const script = fileURLToPath(
      new URL("../../../test/support/places/rclone-full.ts", import.meta.url),
    );
    const { status, stdout, stderr } = spawnSync("unshare", ["--mount", process.execPath, script], {
      encoding: "utf8",
    });
    assert.equal(status, 0, stdout + stderr);
  },
);

test("settings that are none, and secrets in the name of a remote, are refused", () => {
  for (const settings of [
    undefined,
    {},
    { remote: "no-colon" },
    { remote: ":" },
    { remote: "a:b", config: "relative" },
    { remote: "a:b", configPassword: "two\nlines" },
    { remote: ":sftp,host=nas,user=me,pass=secret:/backups" },
    { remote: ":s3,secret_access_key=x:bucket" },
  ])
    assert.throws(() => parseRcloneSettings(settings), { problem: "usage" });
  const { remote } = parseRcloneSettings({
    remote: ":sftp,host=nas,key_file=/k:/backups",
    config: "",
  });
  assert.equal(remote, ":sftp,host=nas,key_file=/k:/backups");
});
