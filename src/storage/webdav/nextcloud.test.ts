import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { inspect, promisify } from "node:util";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { manyBytes } from "#test/places/many-bytes.ts";
import type { NextcloudServer } from "#test/places/nextcloud.ts";
import { davServerIsAbsent } from "#test/places/webdav.ts";
import { content, listed, readAll, rejectsWith } from "../contract/objects.ts";
import { diagnoseWebdav } from "./diagnose.ts";
import { prepareWebdav } from "./prepare.ts";
import { WebdavStorage } from "./provider.ts";
import { parseWebdavSettings } from "./settings.ts";
import {
  bodyOf,
  mebibyte,
  nextcloud,
  remembering,
  requests,
} from "#test/places/nextcloud-place.ts";

const { signal } = new AbortController();

keepsStorageContract(
  "webdav of Nextcloud",
  async (context) => (await nextcloud(context, { quota: 1e9 })).storage,
  { manyObjects: 100 },
);

test("the old address and a login that is not the user's id lead to the same place", async (context) => {
  const { server } = await nextcloud(context);
  const { user, password } = server;
  const url = `${server.origin}/remote.php/webdav/`;
  const storage = new WebdavStorage(parseWebdavSettings({ url, user, password }));
  const bytes = manyBytes(11 * mebibyte);
  await storage.write("x.tar", { open: bodyOf(bytes).open, size: bytes.length }, signal);
  assert.ok((await readAll({ storage, signal }, "x.tar")).equals(bytes));
  assert.ok(requests(server, "MKCOL").some((path) => path.includes("/dav/uploads/anna müller/")));
});

test("a quota that does not suffice is told before anything is sent, with both numbers", async (context) => {
  const { server, storage } = await nextcloud(context, { quota: 20 * mebibyte });
  const bytes = manyBytes(25 * mebibyte);
  const { open, taken } = bodyOf(bytes);
  await assert.rejects(storage.write("x.tar", { open, size: bytes.length }, signal), {
    problem: "full",
    facts: { neededBytes: bytes.length, freeBytes: 20 * mebibyte },
  });
  assert.equal(taken.bytes, 0);
  // Nobody knew the length: the server says it when it is too late.
  await using writer = await storage.openWrite("y.tar", {}, signal);
  await assert.rejects(
    async () => {
      for (let at = 0; at < bytes.length; at += mebibyte) {
        await writer.write(bytes.subarray(at, at + mebibyte));
      }
      await writer.commit();
    },
    { problem: "full" },
  );
  await writer.abort();
  assert.deepEqual(await server.uploads(), []);
  assert.deepEqual(await listed({ storage, signal }, ""), []);
});

test("a server that limits nothing tells no free space", async (context) => {
  for (const quota of [-1, -2, -3]) {
    const { storage } = await nextcloud(context, { quota });
    assert.equal(await storage.freeSpace(signal), undefined);
  }
});

test("a small object is replaced in one step, so that it is never missing", async (context) => {
  const { server, storage } = await nextcloud(context);
  await storage.write(".safehouse/x.json", { ...content("old"), overwrite: true }, signal);
  server.log.length = 0;
  await storage.write(".safehouse/x.json", { ...content("new"), overwrite: true }, signal);
  assert.deepEqual(requests(server, "MOVE"), []);
  assert.equal((await readAll({ storage, signal }, ".safehouse/x.json")).toString(), "new");
});

test("limits of a proxy are no trouble with chunks, and are named without them", async (context) => {
  const { server, storage } = await nextcloud(context, { proxyBytes: 10 * mebibyte });
  const bytes = manyBytes(25 * mebibyte);
  const { open } = bodyOf(bytes);
  await storage.write("x.tar", { open, size: bytes.length }, signal);
  const url = await server.folder("plain");
  const { user, password } = server;
  const settings = parseWebdavSettings({ url, user, password, chunking: false });
  const plain = new WebdavStorage(settings);
  assert.equal(plain.features.resumable, false);
  await assert.rejects(plain.write("x.tar", { open, size: bytes.length }, signal), {
    problem: "too-large",
    message: /client_max_body_size/,
  });
  assert.deepEqual(await listed({ storage: plain, signal }, ""), []);
});

test("a server without chunks gets big objects as one stream, unless chunks are insisted on", async (context) => {
  const { server, storage } = await nextcloud(context, { hasNoChunks: true });
  const bytes = manyBytes(12 * mebibyte);
  const { open } = bodyOf(bytes);
  const { resume } = remembering();
  await storage.write("x.tar", { open, size: bytes.length, resume: resume() }, signal);
  assert.ok((await readAll({ storage, signal }, "x.tar")).equals(bytes));
  const url = await server.folder("Sicherungen 100% #1");
  const { user, password } = server;
  const insisting = new WebdavStorage(parseWebdavSettings({ url, user, password, chunking: true }));
  await rejectsWith(insisting.write("y.tar", { open, size: bytes.length }, signal), "unsupported");
});

test("a server that asks to wait is not asked again before", async (context) => {
  const { server, storage } = await nextcloud(context);
  await storage.write("x.tar", content("x"), signal);
  server.faults.push({ method: "PROPFIND", status: 429, headers: { "retry-after": "1" } });
  await assert.rejects(storage.stat("x.tar", signal), {
    problem: "busy",
    facts: { status: 429, retryAfterSeconds: 1 },
  });
  const before = server.log.length;
  const asking = storage.stat("x.tar", signal);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(server.log.length, before);
  assert.equal((await asking).size, 1);
});

test("damage at the server is noticed without reading the object", async (context) => {
  const { server, storage } = await nextcloud(context);
  const bytes = manyBytes(12 * mebibyte);
  const { open } = bodyOf(bytes);
  await storage.write("x.tar", { open, size: bytes.length }, signal);
  assert.equal(await storage.matches?.("x.tar", open, signal), true);
  const damaged = Buffer.from(bytes);
  damaged[5_000_000] = (damaged[5_000_000] ?? 0) ^ 1;
  await server.overwriteStored("Sicherungen 100% #1/x.tar", damaged);
  assert.equal(await storage.matches?.("x.tar", open, signal), false);
  assert.deepEqual(requests(server, "GET"), []);
});

test("what a server says of an object that it has not computed counts for nothing", async (context) => {
  const { server, storage } = await nextcloud(context);
  const { open } = bodyOf(Buffer.from("x"));
  await storage.write("x.tar", { open }, signal);
  for (const status of [405, 501, 504]) {
    server.faults.push({ method: "PATCH", status });
    assert.equal(await storage.matches?.("x.tar", open, signal), undefined);
  }
});

test("prefixes and addresses of every kind are understood", async (context) => {
  const { server, storage } = await nextcloud(context, { isOdd: true, quota: 1e6 });
  await storage.write("Über 100%/x y.tar", content("x"), signal);
  assert.deepEqual(
    (await listed({ storage, signal }, "Über 100%/")).map(({ key }) => key),
    ["Über 100%/x y.tar"],
  );
  assert.deepEqual(await storage.freeSpace(signal), { freeBytes: 1e6 - 1, totalBytes: 1e6 });
  assert.ok(server.options.isOdd);
});

test("a wrong password, a wrong folder and a page for people are told apart", async (context) => {
  const { server } = await nextcloud(context);
  const url = await server.folder("x");
  const { user, password, origin } = server;
  const at = (settings: object) => new WebdavStorage(parseWebdavSettings(settings));
  const wrong = at({ url, user, password: "wrong secret" });
  await assert.rejects(wrong.stat("x", signal), (error: Error) => {
    assert.match(error.message, /user or password is wrong/);
    assert.doesNotMatch(inspect(error, { depth: 9 }), /wrong secret|d3Jvbmcgc2VjcmV0/);
    return true;
  });
  await rejectsWith(wrong.write("x", content("x"), signal), "sign-in");
  await rejectsWith(listed({ storage: wrong, signal }, ""), "sign-in");
  const missing = at({ url: `${url}/none`, user, password });
  await rejectsWith(missing.stat("x", signal), "unreachable");
  await rejectsWith(missing.write("x", content("x"), signal), "unreachable");
  await rejectsWith(missing.write("deep/x", content("x"), signal), "unreachable");
  await rejectsWith(missing.remove("x", signal), "unreachable");
  await rejectsWith(listed({ storage: missing, signal }, ""), "unreachable");
  await rejectsWith(listed({ storage: missing, signal }, "deep/"), "unreachable");
  const page = at({ url: `${origin}/apps/files`, user, password });
  await assert.rejects(page.stat("x", signal), { problem: "unsupported", message: /web page/ });
});

test("the folder of a place is made when it is set up", async (context) => {
  const { server } = await nextcloud(context);
  const { user, password } = server;
  const url = `${await server.folder("x")}/Ä b/c`;
  const settings = parseWebdavSettings({ url, user, password });
  await prepareWebdav(settings);
  await prepareWebdav(settings);
  await new WebdavStorage(settings).write("x.tar", content("x"), signal);
  const other = parseWebdavSettings({ url: url.replace("anna", "otto"), user, password });
  await assert.rejects(prepareWebdav(other), { problem: "not-found" });
});

async function diagnose(server: NextcloudServer, url: string, password = server.password) {
  const settings = parseWebdavSettings({ url, user: server.user, password });
  return Array.fromAsync(diagnoseWebdav(settings, signal));
}

test("a diagnosis names the first step that fails", async (context) => {
  const { server } = await nextcloud(context, { quota: 5e9 });
  const url = await server.folder("x");
  const good = await diagnose(server, url);
  const subjects = ["name", "port", "host-key", "sign-in", "path", "permission", "space"];
  assert.deepEqual(
    good.map(({ subject, ok }) => (ok ? subject : `no ${subject}`)),
    subjects,
  );
  assert.match(good.at(-1)?.message ?? "", /5\.0 GB are free/);
  const failing = async (...[at, password]: [string, string?]) => {
    const last = (await diagnose(server, at, password)).at(-1);
    return last?.ok === false ? last.subject : undefined;
  };
  assert.equal(await failing(url, "wrong"), "sign-in");
  assert.equal(await failing(`${url}/none`), "path");
  server.faults.push({ method: "PUT", status: 403 });
  assert.equal(await failing(url), "permission");
  assert.deepEqual(await readAllNames(server, url), []);
});

test("a diagnosis finds the address that Nextcloud has for the user", async (context) => {
  const { server } = await nextcloud(context);
  const url = await server.folder("x");
  const { origin, user } = server;
  const byLogin = `${origin}/remote.php/dav/files/${encodeURIComponent(user)}/x`;
  assert.equal((await diagnose(server, byLogin)).at(-1)?.advice, `Try the URL ${url}`);
  const page = (await diagnose(server, `${origin}/apps/files`)).at(-1);
  assert.equal(page?.subject, "path");
  assert.match(page.advice ?? "", /remote\.php\/dav\/files\/anna%20m%C3%BCller/);
});

async function readAllNames({ user, password }: NextcloudServer, url: string) {
  const storage = new WebdavStorage(parseWebdavSettings({ url, user, password }));
  return (await listed({ storage, signal }, "")).map(({ key }) => key);
}

test(
  "rclone, made for Nextcloud, and we read what the other has written",
  { skip: davServerIsAbsent("rclone") },
  async (context) => {
    const { server, storage } = await nextcloud(context, { quota: 1e9 });
    const folder = await mkdtemp(join(tmpdir(), "safehouse-peer-"));
    context.after(() => rm(folder, { recursive: true }));
    const rclone = await rcloneFor(server, folder);
    const bytes = manyBytes(12 * mebibyte);
    await storage.write(
      "ours/grün 1.tar",
      { open: bodyOf(bytes).open, size: bytes.length },
      signal,
    );
    await storage.write("small.json", content("{}"), signal);
    await writeFile(join(folder, "blau 2.tar"), bytes);
    await rclone("copy", join(folder, "blau 2.tar"), "cloud:theirs");
    assert.ok((await readAll({ storage, signal }, "theirs/blau 2.tar")).equals(bytes));
    assert.deepEqual((await rclone("lsf", "-R", "cloud:")).trim().split("\n").toSorted(), [
      "ours/",
      "ours/grün 1.tar",
      "small.json",
      "theirs/",
      "theirs/blau 2.tar",
    ]);
    await rclone("copy", "cloud:ours", join(folder, "back"));
    assert.ok((await readFile(join(folder, "back", "grün 1.tar"))).equals(bytes));
    const about = JSON.parse(await rclone("about", "--json", "cloud:")) as { free: number };
    assert.equal(about.free, (await storage.freeSpace(signal))?.freeBytes);
    await rclone("moveto", "cloud:small.json", "cloud:moved.json");
    await rclone("deletefile", "cloud:moved.json");
    await rejectsWith(storage.stat("small.json", signal), "not-found");
  },
);

/** Runs rclone with the simulated Nextcloud as `cloud:`. @param folder for its own files */
async function rcloneFor(server: NextcloudServer, folder: string) {
  const run = promisify(execFile);
  const obscured = (await run("rclone", ["obscure", server.password])).stdout.trim();
  const env = {
    PATH: process.env["PATH"],
    RCLONE_CONFIG: join(folder, "rclone.conf"),
    RCLONE_CONFIG_CLOUD_TYPE: "webdav",
    RCLONE_CONFIG_CLOUD_VENDOR: "nextcloud",
    RCLONE_CONFIG_CLOUD_URL: await server.folder("Sicherungen 100% #1"),
    RCLONE_CONFIG_CLOUD_USER: server.user,
    RCLONE_CONFIG_CLOUD_PASS: obscured,
  };
  return async (...args: string[]): Promise<string> => (await run("rclone", args, { env })).stdout;
}
