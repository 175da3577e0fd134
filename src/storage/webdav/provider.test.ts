import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { watch } from "node:fs";
import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { inspect } from "node:util";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { loops } from "#test/loops.ts";
import { manyBytes } from "#test/places/many-bytes.ts";
import { freePort } from "#test/places/server-program.ts";
import { lineFor } from "#test/places/line-for.ts";
import type { Line } from "#test/places/line.ts";
import { transfer } from "#test/places/transfer.ts";
import {
  davServerIsAbsent,
  davServers,
  type DavServer,
  type DavServerName,
} from "#test/places/webdav.ts";
import { opensslIsAbsent, selfSigned } from "#test/self-signed.ts";
import { content, listed, readAll, rejectsWith } from "../contract/objects.ts";
import { diagnoseWebdav } from "./diagnose.ts";
import { WebdavStorage } from "./provider.ts";
import { parseWebdavSettings } from "./settings.ts";

const { signal } = new AbortController();
const names = ["lighttpd", "apache2", "rclone"] as const satisfies readonly DavServerName[];
/** Each is started once, when the first test needs it. */
const running = new Map<DavServerName, Promise<DavServer>>();
let folders = 0;

after(async () => {
  for (const server of running.values()) await (await server)[Symbol.asyncDispose]();
});

interface Settings {
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

interface Place {
  readonly server: DavServer;
  /** Path on this machine. */
  readonly folder: string;
  readonly settings: Settings;
  readonly storage: WebdavStorage;
}

async function placeAt(name: DavServerName): Promise<Place> {
  const starting = running.get(name) ?? davServers[name]();
  running.set(name, starting);
  const server = await starting;
  folders += 1;
  const folder = `Örtchen ${folders} 100% #1 +`;
  await mkdir(join(server.root, folder));
  await chmod(join(server.root, folder), 0o777);
  const { user, password } = server;
  const settings = { url: server.url + encodeURIComponent(folder), user, password };
  return { server, folder: join(server.root, folder), settings, storage: open(settings) };
}

function open(settings: object): WebdavStorage {
  return new WebdavStorage(parseWebdavSettings(settings));
}

/** The same place through a line that can break. */
async function behindProxy(
  context: TestContext,
  { server, settings }: Place,
  certificate?: { readonly key: string; readonly cert: string },
): Promise<{ readonly proxy: Line; readonly settings: Settings }> {
  const proxy = await lineFor(context, server.port, certificate);
  const url = new URL(settings.url);
  url.protocol = certificate === undefined ? "http:" : "https:";
  url.port = String(proxy.port);
  return { proxy, settings: { ...settings, url: url.href } };
}

const mebibyte = 1024 * 1024;

for (const name of names) {
  const skip = davServerIsAbsent(name);
  const title = `webdav of ${name}`;
  if (skip === false)
    keepsStorageContract(title, async () => (await placeAt(name)).storage, { manyObjects: 40 });
  else test(`${title} keeps the storage contract`, { skip });

  test(`${title}: bytes of an object of many megabytes come and go`, { skip }, async () => {
    const { storage, folder } = await placeAt(name);
    const bytes = manyBytes(9 * mebibyte + 5);
    const whole = { ...content(bytes), size: bytes.length };
    assert.equal((await storage.write("deep/er/big.tar", whole, signal)).size, bytes.length);
    assert.ok((await readAll({ storage, signal }, "deep/er/big.tar")).equals(bytes));
    await storage.write("deep/unknown.tar", content(bytes, bytes), signal);
    assert.equal((await storage.stat("deep/unknown.tar", signal)).size, 2 * bytes.length);
    const range = { offset: 8 * mebibyte, length: 100_000 };
    const part = await readAll({ storage, signal }, "deep/er/big.tar", range);
    assert.ok(part.equals(bytes.subarray(range.offset, range.offset + range.length)));
    assert.deepEqual((await readdir(join(folder, "deep"))).toSorted(), ["er", "unknown.tar"]);
  });

  test(
    `${title}: a folder is no object, and is not removed with what lies in it`,
    { skip },
    async () => {
      const { storage } = await placeAt(name);
      await storage.write("folder/object", content("x"), signal);
      await rejectsWith(storage.stat("folder", signal), "not-found");
      await rejectsWith(storage.read("folder", undefined, signal), "not-found");
      await storage.remove("folder", signal);
      assert.equal((await storage.stat("folder/object", signal)).size, 1);
    },
  );

  test(`${title}: a wrong password and a missing folder are told apart`, { skip }, async () => {
    const { settings } = await placeAt(name);
    const wrong = open({ ...settings, password: "another secret" });
    await assert.rejects(wrong.stat("x", signal), (error: Error) => {
      assert.match(error.message, /user or password is wrong/);
      assert.doesNotMatch(inspect(error, { depth: 9 }), /another secret|YW5vdGhlciBzZWNyZXQ/);
      return true;
    });
    await rejectsWith(wrong.write("x", content("x"), signal), "sign-in");
    await rejectsWith(wrong.write("x", content(manyBytes(2 * mebibyte)), signal), "sign-in");
    const missing = open({ ...settings, url: `${settings.url}/none` });
    await rejectsWith(missing.stat("x", signal), "unreachable");
    await rejectsWith(missing.remove("x", signal), "unreachable");
    await rejectsWith(missing.write("x", content("x"), signal), "unreachable");
    await rejectsWith(missing.write("deep/x", content("x"), signal), "unreachable");
    await rejectsWith(listed({ storage: missing, signal }, ""), "unreachable");
    await rejectsWith(missing.removeLeftovers(signal), "unreachable");
  });

  test(
    `${title}: a line that breaks in the middle leaves nothing to be seen`,
    { skip },
    async (context) => {
      const place = await placeAt(name);
      const { proxy, settings } = await behindProxy(context, place);
      const storage = open(settings);
      const bytes = manyBytes(12 * mebibyte);
      for (const size of [bytes.length, undefined]) {
        proxy.passesUp = 7 * mebibyte;
        const writing = storage.write(
          "cut.tar",
          { ...content(bytes), ...(size === undefined ? {} : { size }) },
          signal,
        );
        await rejectsWith(writing, "unreachable");
        proxy.passesUp = Infinity;
        assert.deepEqual(await listed({ storage: place.storage, signal }, ""), []);
      }
      await storage.removeLeftovers(signal);
      await storage.write("cut.tar", content(bytes), signal);
      proxy.passesDown = 5 * mebibyte;
      await rejectsWith(readAll({ storage, signal }, "cut.tar"), "unreachable");
      proxy.passesDown = Infinity;
      assert.ok((await readAll({ storage, signal }, "cut.tar")).equals(bytes));
      await storage.removeLeftovers(signal);
      assert.deepEqual(await readdir(place.folder), ["cut.tar"]);
    },
  );

  // rclone's server, as all that are made with Go's library, removes the old object first.
  if (name !== "rclone") {
    test(`${title}: an object that is replaced is not removed before`, { skip }, async () => {
      const { storage, folder } = await placeAt(name);
      for (const size of [1000, 2 * mebibyte]) {
        const whole = { ...content(Buffer.alloc(size)), size, overwrite: true };
        await storage.write("object", whole, signal);
        await pause(100);
        let appeared = 0;
        const watcher = watch(folder, (event, file) => {
          if (event === "rename" && file === "object") appeared += 1;
        });
        await storage.write("object", whole, signal);
        await pause(100);
        watcher.close();
        assert.equal(appeared, 1, "it was gone for a moment");
      }
    });
  }

  test(`${title}: a diagnosis goes through all steps`, { skip }, async () => {
    const { settings } = await placeAt(name);
    const steps = await Array.fromAsync(diagnoseWebdav(parseWebdavSettings(settings), signal));
    assert.deepEqual(
      steps.map(({ subject, ok }) => [subject, ok]),
      ["name", "port", "host-key", "sign-in", "path", "permission", "space"].map((step) => [
        step,
        true,
      ]),
    );
  });
}

test(
  "a server that is killed in the middle is unreachable, and nothing of it is listed later",
  { skip: davServerIsAbsent("rclone") },
  async (context) => {
    const server = await davServers.rclone();
    context.after(() => server[Symbol.asyncDispose]());
    const storage = open(server);
    async function* body(): AsyncGenerator<Uint8Array> {
      for (let count = 0; count < 8; count += 1) {
        yield manyBytes(mebibyte);
        if (count === 4) await server.stop();
      }
    }
    const writing = storage.write("x.tar", { open: body, size: 8 * mebibyte }, signal);
    await rejectsWith(writing, "unreachable");
    await rejectsWith(storage.stat("x.tar", signal), "unreachable");
    await server.start();
    assert.deepEqual(await listed({ storage, signal }, ""), []);
    await storage.removeLeftovers(signal);
    assert.deepEqual(await readdir(server.root), []);
    await storage.write("x.tar", { open: body, size: 8 * mebibyte }, signal).catch(() => undefined);
  },
);

test(
  "leftovers of others go when they have been silent for days, and no sooner",
  { skip: davServerIsAbsent("lighttpd") },
  async () => {
    const { storage, folder } = await placeAt("lighttpd");
    const old = ".safehouse-0123456789ab-01234567.tmp";
    const young = ".safehouse-0123456789ac-01234567.tmp";
    for (const name of [old, young]) await writeFile(join(folder, name), "left");
    execFileSync("touch", ["-d", "3 days ago", join(folder, old)]);
    assert.deepEqual(await storage.removeLeftovers(signal), [{ key: old, size: 4 }]);
    assert.deepEqual(await readdir(folder), [young]);
    assert.deepEqual(await listed({ storage, signal }, ""), []);
    await assert.rejects(storage.stat(young, signal), RangeError);
  },
);

test("nobody at the port, and a name without address, are unreachable", async () => {
  const port = await freePort();
  const storage = open({ url: `http://127.0.0.1:${port}/x` });
  await assert.rejects(storage.stat("x", signal), {
    problem: "unreachable",
    message: /ECONNREFUSED/,
  });
  const steps = await Array.fromAsync(
    diagnoseWebdav(parseWebdavSettings({ url: `http://127.0.0.1:${port}/x` }), signal),
  );
  assert.deepEqual(
    steps.map(({ subject, ok }) => [subject, ok]),
    [
      ["name", true],
      ["port", false],
    ],
  );
  const nowhere = open({ url: "http://nowhere.invalid/x" });
  await rejectsWith(nowhere.write("x", content("x"), signal), "unreachable");
});

/** Only one of them says it as the protocol has it. */
const told = {
  lighttpd: { problem: "unreachable", message: /disk may be full/ },
  apache2: { problem: "full" },
  rclone: { problem: "denied", message: /the space/ },
} as const;
const mayMount = davServerIsAbsent("apache2") === false && canMount();

for (const name of names) {
  test(
    `webdav of ${name}: a disk that fills up is told as full, and nothing stays`,
    { skip: davServerIsAbsent(name) || (mayMount ? false : "absent: the right to mount") },
    async (context) => {
      const server = await davServers[name]({ diskMegabytes: 8 });
      context.after(() => server[Symbol.asyncDispose]());
      const storage = open(server);
      const bytes = manyBytes(12 * mebibyte);
      const writing = storage.write("x.tar", { ...content(bytes), size: bytes.length }, signal);
      await assert.rejects(writing, told[name]);
      assert.deepEqual(await listed({ storage, signal }, ""), []);
      await storage.removeLeftovers(signal);
      await storage.write("small.tar", content(bytes.subarray(0, 3 * mebibyte)), signal);
    },
  );
}

test(
  "a certificate of one's own has to be named, in PEM or by its fingerprint",
  { skip: opensslIsAbsent || davServerIsAbsent("lighttpd") },
  async (context) => {
    const place = await placeAt("lighttpd");
    const certificate = selfSigned("nas.example");
    const fingerprint = execFileSync("openssl", ["x509", "-noout", "-fingerprint", "-sha256"], {
      input: certificate.cert,
      encoding: "utf8",
    }).trim();
    const { settings, proxy } = await behindProxy(context, place, certificate);
    await assert.rejects(open(settings).stat("x", signal), {
      problem: "unsupported",
      message: /certificate is not trusted/,
    });
    for (const given of [
      certificate.cert,
      fingerprint.replace(/^.*=/, ""),
      fingerprint.replace(/^.*=/, "").replaceAll(":", "").toLowerCase(),
    ]) {
      const storage = open({ ...settings, certificate: given });
      await storage.write("x", { ...content("x"), overwrite: true }, signal);
      assert.equal((await readAll({ storage, signal }, "x")).toString(), "x");
    }
    const other = selfSigned("nas.example");
    const wrong = "AB".repeat(32);
    await assert.rejects(open({ ...settings, certificate: wrong }).stat("x", signal), {
      problem: "unsupported",
      message: /another certificate/,
    });
    await rejectsWith(
      open({ ...settings, certificate: other.cert }).stat("x", signal),
      "unsupported",
    );
    const before = proxy.sentBytes;
    await rejectsWith(open({ ...settings, certificate: wrong }).stat("x", signal), "unsupported");
    assert.equal(proxy.sentBytes, before, "nothing was sent to a server of another certificate");
    const last = async (more: object) =>
      (
        await Array.fromAsync(diagnoseWebdav(parseWebdavSettings({ ...settings, ...more }), signal))
      ).at(-1);
    const unknown = await last({});
    assert.equal(unknown?.subject, "host-key");
    assert.match(unknown?.message ?? "", /fingerprint is [0-9A-F:]{95}/);
    assert.equal((await last({ certificate: wrong }))?.subject, "host-key");
    assert.equal((await last({ certificate: certificate.cert }))?.subject, "space");
  },
);

test(
  "memory stays bounded, however big an object is",
  { skip: davServerIsAbsent("lighttpd") },
  async () => {
    const { settings } = await placeAt("lighttpd");
    const bytes = loops(1) > 1 ? 3e9 : 1.5e8;
    for (const isSizeKnown of [true, false]) {
      const outcome = await transfer({ kind: "webdav", settings, bytes, isSizeKnown });
      assert.ok(outcome.isSame);
      assert.ok(outcome.peakBytes < 250 * mebibyte, `${outcome.peakBytes} bytes`);
    }
  },
);

function canMount(): boolean {
  try {
    execFileSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
