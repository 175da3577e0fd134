import { strict as assert } from "node:assert";
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { SyncthingDevice, absentSyncthing } from "#test/places/syncthing.ts";
import { recordingServer } from "#test/recording-server.ts";
import { findKind } from "#storage/catalog.ts";
import type { PlaceSettings } from "#storage/catalog.ts";
import { content, listed, readAll, rejectsWith, someBytes } from "#storage/contract/objects.ts";
import type { Settlement, StorageProvider } from "#storage/provider.ts";
import { stackStorage } from "#storage/stack.ts";

const { signal } = new AbortController();
const skip = absentSyncthing;
const kind = findKind("syncthing");

const devices: SyncthingDevice[] = [];
async function newDevice(name: string, options = {}): Promise<SyncthingDevice> {
  const device = await SyncthingDevice.make(name, options);
  devices.push(device);
  return device;
}
after(() => Promise.all(devices.map((device) => device.end())));

let pair: readonly [SyncthingDevice, SyncthingDevice] | undefined;
if (skip === false) {
  const [here, there] = [await newDevice("here"), await newDevice("there")];
  await Promise.all([here.start([there]), there.start([here])]);
  pair = [here, there];
}

/** The device of this machine, and the other one. */
function both(): readonly [SyncthingDevice, SyncthingDevice] {
  assert.ok(pair !== undefined);
  return pair;
}

/** Settings for the folder of a device. */
function settingsOf(device: SyncthingDevice, more: PlaceSettings = {}): PlaceSettings {
  const { folder: path, apiUrl, apiKey } = device;
  return { path, apiUrl, apiKey, reserveBytes: 0, ...more };
}

async function opened(settings: PlaceSettings): Promise<StorageProvider> {
  await kind.prepare?.(settings);
  return kind.open(settings);
}

async function ask(storage: StorageProvider, key: string, until = signal): Promise<Settlement> {
  assert.ok(storage.settlement !== undefined);
  return storage.settlement(key, until);
}

/** Asks until it is there. */
async function settles(storage: StorageProvider, key: string): Promise<void> {
  let last: unknown;
  for (let look = 0; look < 300; look += 1) {
    const settlement = await ask(storage, key);
    if (settlement.settled) return;
    last = settlement;
    await pause(100);
  }
  assert.fail(`${key} does not settle: ${JSON.stringify(last)}`);
}

/** Asks until it waits in that way, or fails. */
async function waits(storage: StorageProvider, key: string, expected: RegExp) {
  let last: unknown;
  for (let look = 0; look < 100; look += 1) {
    const settlement = await ask(storage, key);
    last = settlement;
    if (!settlement.settled && expected.test(settlement.waitsFor)) return settlement;
    await pause(100);
  }
  assert.fail(`${key} waits otherwise: ${JSON.stringify(last)}`);
}

keepsStorageContract("syncthing", async (context) => {
  if (pair === undefined) return kind.open({ path: "/tmp", apiKey: "none" });
  const [here] = pair;
  const path = `${here.folder}/contract ${Math.random()}`;
  await mkdir(path, { recursive: true });
  context.after(() => rm(path, { recursive: true, force: true }));
  return opened(settingsOf(here, { path }));
});

test(
  "an object has settled when another device has all of it, and not before",
  { skip },
  async () => {
    const [here, there] = both();
    const storage = await opened(settingsOf(here));
    const key = "Sicherung #1 'ü' 🏠 100% +.tar";
    const bytes = someBytes(3_000_000);
    await there.stop();
    await storage.write(key, content(bytes), signal);
    const away = await waits(storage, key, /^there \(not connected\)$/);
    assert.ok(away.isHeldUp);
    const before = await stat(`${here.folder}/${key}`, { bigint: true });
    assert.equal((await storage.stat(key, signal)).size, bytes.length, "it stays");
    await there.startAgain();
    await settles(storage, key);
    assert.deepEqual(await readFile(`${there.folder}/${key}`), bytes);
    const now = await stat(`${here.folder}/${key}`, { bigint: true });
    assert.deepEqual([now.mtimeNs, now.ino], [before.mtimeNs, before.ino], "nothing is sent again");
  },
);

test(
  "a folder in the shared folder is a place too, and a name in two forms is one",
  { skip },
  async () => {
    const [here, there] = both();
    const path = `${here.folder}/Häuser {1}`;
    const storage = await opened(settingsOf(here, { path }));
    const decomposed = "Sicherung für.tar".normalize("NFD");
    await storage.write(decomposed, content("x"), signal);
    await settles(storage, decomposed);
    assert.equal(await there.received("Häuser {1}/Sicherung für.tar"), "x");
    assert.equal((await readAll({ storage, signal }, decomposed)).toString(), "x");
  },
);

test("a place carries its marker, and what has none is not written to", { skip }, async () => {
  const [here] = both();
  const path = `${here.folder}/marked`;
  const place = await opened(settingsOf(here, { path }));
  const storage = stackStorage(place, { marker: "me" });
  await rejectsWith(storage.write("x.tar", content("x"), signal), "unreachable");
  await place.write(
    ".safehouse/location.json",
    content(JSON.stringify({ safehouse: 1, location: "me" })),
    signal,
  );
  await storage.write("x.tar", content("x"), signal);
  await settles(storage, "x.tar");
});

test("unfinished objects and files that come in stay here", { skip }, async () => {
  const [here, there] = both();
  const storage = await opened(settingsOf(here, { path: `${here.folder}/deep/er` }));
  const writer = await storage.openWrite("growing.tar", {}, signal);
  await writer.write(someBytes(500_000));
  const incoming = (await storage.incoming?.folder(signal)) ?? assert.fail();
  await writeFile(`${incoming}/upload`, "comes in");
  await here.scan();
  await storage.write("after.tar", content("after"), signal);
  await settles(storage, "after.tar");
  const came = await readdir(there.folder, { recursive: true });
  assert.deepEqual(
    came.filter((name) => /\.tmp$|upload/.test(name)),
    [],
  );
  await writer.commit();
  await settles(storage, "growing.tar");
  await storage.incoming?.remove("upload", signal);
});

test(
  "patterns of the user stay as they are, behind ours, and what they keep back is told",
  { skip },
  async () => {
    const [here] = both();
    const file = `${here.folder}/.stignore`;
    const ours =
      "// Safehouse: what is not finished stays here.\n(?d).safehouse-*.tmp\n(?d).safehouse/incoming\n";
    const theirs = "// mine: ü\n\n!important.tmp\nsecret*\n(?d).safehouse/incoming\n*.safehouse*\n";
    await writeFile(file, theirs);
    const storage = await opened(settingsOf(here));
    const kept = theirs.replace("(?d).safehouse/incoming\n", "");
    assert.equal(await readFile(file, "utf8"), ours + kept);
    await storage.write("secret.tar", content("x"), signal);
    assert.equal(await readFile(file, "utf8"), ours + kept, "once is enough");
    await assert.rejects(ask(storage, "secret.tar"), {
      problem: "unsupported",
      message: /does not carry secret\.tar .* a pattern in \.stignore keeps it back/,
    });
    await writeFile(file, `#escape=|\n${kept}`);
    await storage.write("other.tar", content("x"), signal);
    assert.equal(await readFile(file, "utf8"), `#escape=|\n${ours}${kept}`, "that is first");
    await rm(file);
  },
);

test(
  "patterns that are faulty or not in UTF-8 are left alone, which set-up tells",
  { skip },
  async () => {
    const [here] = both();
    const file = `${here.folder}/.stignore`;
    for (const faulty of ["#include nowhere\nx\n", Buffer.from([0x61, 0xff, 0x0a])]) {
      await writeFile(file, faulty);
      await assert.rejects(opened(settingsOf(here)), {
        problem: "unsupported",
        message: /patterns in \.stignore of the folder My backups are left alone/,
      });
      assert.deepEqual(await readFile(file), Buffer.from(faulty));
    }
    await rm(file);
    await opened(settingsOf(here));
  },
);

test("what Syncthing keeps for itself is not listed and no key", { skip }, async () => {
  const [here] = both();
  const storage = await opened(settingsOf(here));
  await writeFile(`${here.folder}/.syncthing.x.tar.tmp`, "x");
  const names = (await listed({ storage, signal }, "")).map(({ key }) => key);
  assert.deepEqual(
    names.filter((name) => name.startsWith(".st") || name.includes("syncthing")),
    [],
  );
  await rm(`${here.folder}/.syncthing.x.tar.tmp`);
  for (const key of [".stignore", ".stfolder/x", "a/.stversions/x", ".syncthing.x.tmp"])
    await assert.rejects(storage.write(key, content("x"), signal), RangeError);
});

test("another device's file of that name is not taken for ours", { skip }, async () => {
  const [here, there] = both();
  const storage = await opened(settingsOf(here));
  await storage.write("both.tar", content("ours"), signal);
  await settles(storage, "both.tar");
  // So this side keeps its own.
  await here.change({ type: "sendonly" });
  await writeFile(`${there.folder}/both.tar`, "theirs, and longer");
  await there.scan();
  await here.until("the other's is known", async () => {
    await assert.rejects(ask(storage, "both.tar"), { problem: "already-exists" });
    return true;
  });
  await here.change({ type: "sendreceive" });
});

test("why another device does not take an object is told", { skip }, async () => {
  const [here, there] = both();
  const storage = await opened(settingsOf(here));
  await here.meets(there);
  const written = async (key: string): Promise<string> => {
    await storage.write(key, content(someBytes(50_000)), signal);
    return key;
  };
  await there.ask("POST", "db/ignores?folder=backups", { ignore: ["ignored*"] });
  const ignored = await written("ignored.tar");
  assert.ok((await waits(storage, ignored, /^there \(it leaves this file out\)$/)).isHeldUp);
  await there.ask("POST", "db/ignores?folder=backups", { ignore: [] });

  // As if it had no room: nothing stands against it that we can see, and nothing moves.
  await there.change({ minDiskFree: { value: 100, unit: "%" } });
  const full = await written("full.tar");
  const first = await waits(storage, full, /^there \(connected\)$/);
  await pause(1500);
  const later = await waits(storage, full, /^there \(connected\)$/);
  assert.deepEqual([first.isHeldUp, later.isHeldUp], [false, false]);
  assert.ok(later.left >= 50_000, "there is no progress");
  await there.change({ minDiskFree: { value: 0, unit: "%" } });
  await settles(storage, full);

  await there.change({ paused: true });
  const held = await written("held.tar");
  // Syncthing 1.20 and newer tell the reason.
  await waits(storage, held, /^there \((connected|it has paused the folder)\)$/);
  await there.change({ paused: false });
  await settles(storage, held);

  await here.ask("PATCH", `config/devices/${there.id}`, { paused: true });
  const paused = await written("paused.tar");
  assert.ok((await waits(storage, paused, /^there \(paused in Syncthing\)$/)).isHeldUp);
  await here.ask("PATCH", `config/devices/${there.id}`, { paused: false });
  await settles(storage, paused);
  await rm(`${there.folder}/.stignore`, { force: true });
});

test("why this side does not carry an object on is told", { skip }, async () => {
  const [here] = both();
  const storage = await opened(settingsOf(here));
  await storage.write("here.tar", content("x"), signal);
  await here.change({ paused: true });
  assert.ok((await waits(storage, "here.tar", /^the folder My backups \(paused/)).isHeldUp);
  await here.change({ paused: false });
  await rm(`${here.folder}/.stfolder`, { recursive: true });
  await here.scan().catch(() => undefined);
  await storage.write("stopped.tar", content("x"), signal);
  assert.ok((await waits(storage, "stopped.tar", /has stopped the folder: .*marker/)).isHeldUp);
  await mkdir(`${here.folder}/.stfolder`);
  await here.scan();
  await settles(storage, "stopped.tar");
});

test("as many devices as are asked for have to have it", { skip }, async () => {
  const [here, there] = both();
  const two = await kind.open(settingsOf(here, { devices: 2 }));
  await two.write("two.tar", content("x"), signal);
  await assert.rejects(ask(two, "two.tar"), {
    problem: "unsupported",
    message: /shares the folder My backups with one other device, but 2 are/,
  });
  await rejectsWith(opened(settingsOf(here, { devices: 2 })), "unsupported");
  const third = await newDevice("third");
  await third.start([here, there]);
  const asDevice = { deviceID: third.id, name: "third", addresses: ["dynamic"] };
  const shared = { devices: [here, there, third].map(({ id }) => ({ deviceID: id })) };
  await third.stop();
  await here.ask("POST", "config/devices", asDevice);
  await here.change(shared);
  await waits(two, "two.tar", /^third \(not connected\)$/);
  await third.startAgain();
  await settles(two, "two.tar");
  await third.stop();
  await two.write("one.tar", content("x"), signal);
  await settles(await kind.open(settingsOf(here)), "one.tar");
  await waits(two, "one.tar", /^third \(not connected\)$/);
  await here.change({ devices: [here, there].map(({ id }) => ({ deviceID: id })) });
});

test(
  "folders that only receive take nothing; over TLS it is the certificate that counts",
  { skip },
  async () => {
    const [here] = both();
    const other = await newDevice("other", { tls: true });
    await other.start([here]);
    const certificate = await other.certificate();
    const storage = await opened(settingsOf(other, { certificate }));
    await other.change({ type: "receiveonly" });
    await rejectsWith(storage.write("x.tar", content("x"), signal), "read-only");
    await rejectsWith(opened(settingsOf(other)), "read-only");
    await other.change({ type: "sendonly" });
    await storage.write("x.tar", content("x"), signal);
    await waits(storage, "x.tar", /^here \(not connected\)$/);
    const foreign = await kind.open(settingsOf(other, { certificate: foreignCertificate }));
    await rejectsWith(ask(foreign, "x.tar"), "denied");
    const plain = other.apiUrl.replace("https", "http");
    await rejectsWith(
      ask(await kind.open(settingsOf(other, { apiUrl: plain })), "x.tar"),
      "unsupported",
    );
  },
);

test(
  "a wrong key, no Syncthing and a folder that is not shared are told apart",
  { skip },
  async () => {
    const [here] = both();
    const good = await opened(settingsOf(here));
    await good.write("x.tar", content("x"), signal);
    for (const [more, problem, message] of [
      [{ apiKey: "wrong-key" }, "sign-in", /does not accept the API key/],
      [{ apiUrl: "http://127.0.0.1:1" }, "unreachable", /does not run or cannot be reached/],
      [{ folder: "other" }, "unsupported", /no folder with the id other/],
    ] as const) {
      const settings = settingsOf(here, more);
      const storage = await kind.open(settings);
      const isIt = (error: Error & { problem?: string }): boolean => {
        assert.equal(error.problem, problem);
        assert.match(error.message, message);
        assert.doesNotMatch(`${error.stack}`, /wrong-key/);
        return true;
      };
      await assert.rejects(ask(storage, "x.tar"), isIt);
      await assert.rejects(opened(settings), isIt);
      // What can be kept is kept.
      await storage.write("x.tar", { ...content("x"), overwrite: true }, signal);
    }
    await settles(await kind.open(settingsOf(here, { folder: "backups" })), "x.tar");
    await rejectsWith(opened({ ...settingsOf(here), path: "/tmp" }), "unsupported");
  },
);

test("the key goes in a header and nowhere else, and waiting for an answer ends when it is cancelled", async (context) => {
  const server = await recordingServer(context);
  server.answer = () => undefined;
  const path = await mkdtemp(join(tmpdir(), "safehouse-syncthing-"));
  context.after(() => rm(path, { recursive: true, force: true }));
  const storage = await kind.open({ path, apiUrl: server.origin, apiKey: "geheim-4711" });
  await writeFile(`${path}/cancel-me.tar`, "x");
  const soon = AbortSignal.timeout(500);
  await assert.rejects(ask(storage, "cancel-me.tar", soon), { name: "TimeoutError" });
  assert.ok(server.requests.length > 0);
  for (const { path: asked, headers, body } of server.requests) {
    assert.doesNotMatch(asked + body, /geheim/);
    assert.equal(headers["x-api-key"], "geheim-4711");
  }
  server.answer = () => ({ status: 200, body: "<html>" });
  await rejectsWith(ask(storage, "cancel-me.tar"), "unsupported");
});

test("each step of a diagnosis finds its cause", { skip }, async () => {
  const [here, there] = both();
  const diagnosed = async (more: PlaceSettings) =>
    Array.fromAsync(kind.diagnose?.(settingsOf(here, more), signal) ?? []);
  const ends = async (subject: string, message: RegExp, more: PlaceSettings = {}) => {
    const last = (await diagnosed(more)).at(-1);
    assert.deepEqual([last?.subject, last?.ok], [subject, false]);
    assert.match(last?.message ?? "", message);
    assert.notEqual(last?.advice, undefined);
  };
  await here.meets(there);
  const well = await diagnosed({});
  assert.deepEqual(
    well.map(({ subject, ok }) => `${subject} ${ok}`),
    ["name", "port", "sign-in", "path", "permission", "devices", "space"].map(
      (one) => `${one} true`,
    ),
  );
  await ends("port", /refused/, { apiUrl: "http://127.0.0.1:1" });
  await ends("sign-in", /API key/, { apiKey: "wrong" });
  await ends("path", /no folder with the id other/, { folder: "other" });
  await ends("path", /no folder that holds/, { path: "/tmp" });
  await ends("devices", /with one other device, but 7/, { devices: 7 });
  await here.change({ paused: true });
  await ends("path", /folder My backups is paused/);
  await here.change({ paused: false, type: "receiveonly" });
  await ends("permission", /only receives/);
  await here.change({ type: "sendreceive" });
  await rm(`${here.folder}/.stfolder`, { recursive: true });
  await here.scan().catch(() => undefined);
  await ends("path", /has stopped the folder My backups: .*marker/);
  await mkdir(`${here.folder}/.stfolder`);
  await here.scan();
  await there.stop();
  await here.until("the other one is gone", async () => {
    await ends("devices", /waits for there \(not connected\)/);
    return true;
  });
  await there.startAgain();
});

/** Of nobody. */
const foreignCertificate = `-----BEGIN CERTIFICATE-----
MIIBfjCCASWgAwIBAgIUPdqSIv1auWyP9jDybskhkRPCbBIwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJc3luY3RoaW5nMCAXDTI2MTEyMzAyNDEyMFoYDzIxMjYxMDMw
MDI0MTIwWjAUMRIwEAYDVQQDDAlzeW5jdGhpbmcwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATl0gKoP6eIgJauHRLL2sJfpxJIksjtCFSWu1EDhbQondxuWGh3cQdL
S4RC6wCM7FdHFtxMWsc+A+LHijo5XFVko1MwUTAdBgNVHQ4EFgQUsM1l6luHa4wv
1GekpMhBPE8WBDAwHwYDVR0jBBgwFoAUsM1l6luHa4wv1GekpMhBPE8WBDAwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAY0W4NHqhUXjW5W2JXPCF2
PY/qLQWZu+MaVHDTF2osAAIgSAiwgFMAfjWNQutQl/Z5d99Gqy/w3Hl7uD6YBfjE
5sI=
-----END CERTIFICATE-----
`;
