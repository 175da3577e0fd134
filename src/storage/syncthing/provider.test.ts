import { strict as assert } from "node:assert";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { after, test } from "node:test";
import { keepsStorageContract } from "#test/keeps-storage-contract.ts";
import { SyncthingDevice, absentSyncthing } from "#test/places/syncthing.ts";
import { findKind } from "../catalog.ts";
import type { PlaceSettings } from "../catalog.ts";
import { content, listed, readAll, rejectsWith, someBytes } from "../contract/objects.ts";
import type { StorageProvider } from "../provider.ts";
import { parseSyncthingSettings } from "./settings.ts";

const { signal } = new AbortController();
const skip = await absentSyncthing();
const kind = findKind("syncthing");

const devices: SyncthingDevice[] = [];
async function newDevice(name: string, options = {}): Promise<SyncthingDevice> {
  const device = await SyncthingDevice.make(name, options);
  devices.push(device);
  return device;
}
after(() => Promise.all(devices.map((device) => device.end())));

const [here, there] =
  skip === false ? [await newDevice("here"), await newDevice("there")] : [undefined, undefined];
if (here !== undefined && there !== undefined) {
  await Promise.all([here.start([there]), there.start([here])]);
}

/** Settings for the folder of a device. */
function settingsOf(device: SyncthingDevice | undefined, more: PlaceSettings = {}): PlaceSettings {
  assert.ok(device !== undefined);
  const { folder: path, apiUrl, apiKey } = device;
  return { path, apiUrl, apiKey, reserveBytes: 0, ...more };
}

async function opened(settings: PlaceSettings): Promise<StorageProvider> {
  await kind.prepare?.(settings);
  return kind.open(settings);
}

async function settle(storage: StorageProvider, key: string, report = (_: number) => {}) {
  assert.ok(storage.settle !== undefined);
  await storage.settle(key, report, signal);
}

const quiet = { reserveBytes: 0, apiKey: "none", apiUrl: "http://127.0.0.1:1" };
const shared = here?.folder ?? "";

keepsStorageContract("syncthing", async (context) => {
  const path = `${shared || "/tmp"}/contract ${Math.random()}`;
  await mkdir(path, { recursive: true });
  context.after(() => rm(path, { recursive: true, force: true }));
  // What is kept here needs no Syncthing that runs.
  return kind.open({ ...quiet, path });
});

test("an object has settled when another device has it", { skip }, async () => {
  const storage = await opened(settingsOf(here));
  const bytes = someBytes(3_000_000);
  await storage.write("Sicherung #1 'ü' 🏠.tar", content(bytes), signal);
  const told: number[] = [];
  await settle(storage, "Sicherung #1 'ü' 🏠.tar", (count) => void told.push(count));
  assert.equal(told.at(-1), bytes.length);
  const { folder } = there ?? assert.fail();
  assert.deepEqual(await readFile(`${folder}/Sicherung #1 'ü' 🏠.tar`), bytes);
  await settle(storage, "Sicherung #1 'ü' 🏠.tar");
});

test(
  "a folder in the shared folder is a place too, and a name in two forms is one",
  { skip },
  async () => {
    const path = `${shared}/Häuser {1}`;
    await mkdir(path);
    const storage = await opened(settingsOf(here, { path }));
    const decomposed = "Sicherung für.tar".normalize("NFD");
    await storage.write(decomposed, content("x"), signal);
    await settle(storage, decomposed);
    assert.equal(await there?.received("Häuser {1}/Sicherung für.tar"), "x");
    assert.equal((await readAll({ storage, signal }, decomposed)).toString(), "x");
  },
);

test("unfinished objects and files that come in stay here", { skip }, async () => {
  const storage = await opened(settingsOf(here));
  const writer = await storage.openWrite("growing.tar", {}, signal);
  await writer.write(someBytes(500_000));
  const incoming = (await storage.incoming?.folder(signal)) ?? assert.fail();
  await writeFile(`${incoming}/upload`, "comes in");
  await storage.write("after.tar", content("after"), signal);
  await settle(storage, "after.tar");
  const ignored = await readFile(`${shared}/.stignore`, "utf8");
  assert.match(ignored, /^\/\/ Safehouse.*\n\(\?d\)\.safehouse-\*\.tmp\n/);
  const came = await readdir(there?.folder ?? "", { recursive: true });
  assert.equal(
    came.find((name) => /\.tmp$|upload/.test(name)),
    undefined,
  );
  await writer.commit();
  await settle(storage, "growing.tar");
  await storage.incoming?.remove("upload", signal);
});

test(
  "patterns of the user stay behind ours, and what they keep back is told",
  { skip },
  async () => {
    const before = await readFile(`${shared}/.stignore`, "utf8");
    await writeFile(`${shared}/.stignore`, "// mine\nsecret*\n");
    const storage = await opened(settingsOf(here));
    const now = await readFile(`${shared}/.stignore`, "utf8");
    assert.match(now, /^\/\/ Safehouse[^]*\.tmp\n[^]*incoming\n\n\/\/ mine\nsecret\*\n$/);
    await storage.write("secret.tar", content("x"), signal);
    await assert.rejects(settle(storage, "secret.tar"), {
      problem: "unsupported",
      message: /secret\.tar .* a pattern in \.stignore keeps it back/,
    });
    await writeFile(`${shared}/.stignore`, before);
  },
);

test("what Syncthing keeps for itself is not listed and no key", { skip }, async () => {
  const storage = await opened(settingsOf(here));
  await writeFile(`${shared}/.syncthing.x.tar.tmp`, "x");
  const names = (await listed({ storage, signal }, "")).map(({ key }) => key);
  assert.equal(
    names.find((name) => name.startsWith(".st") || name.includes("syncthing")),
    undefined,
  );
  for (const key of [".stignore", ".stfolder/x", "a/.stversions/x", ".syncthing.x.tmp"])
    await assert.rejects(storage.write(key, content("x"), signal), RangeError);
});

test("a conflict with another device is told", { skip }, async () => {
  const storage = await opened(settingsOf(here));
  await there?.stop();
  await storage.write("both.tar", content("ours"), signal);
  await writeFile(`${there?.folder}/both.tar`, "theirs, and longer");
  await there?.start([here ?? assert.fail()]);
  // Whichever of the two wins, one of them is then called a conflict.
  const settled = await settle(storage, "both.tar").then(
    () => "settled",
    (error: Error & { problem?: string }) => error.problem,
  );
  assert.ok(["settled", "already-exists", "unsupported", "not-found"].includes(String(settled)));
});

test(
  "nobody is connected: the object stays, and the next attempt only waits",
  { skip },
  async () => {
    const storage = await opened(settingsOf(here));
    await there?.stop();
    await storage.write("later.tar", content("later"), signal);
    await assert.rejects(settle(storage, "later.tar"), {
      problem: "unreachable",
      message: /later\.tar is here, but not yet with other devices: there is not connected/,
    });
    assert.equal((await storage.stat("later.tar", signal)).size, 5);
    await there?.start([here ?? assert.fail()]);
    await settle(storage, "later.tar");
    await there?.stop();
    // It has it, although it is away now.
    await settle(storage, "later.tar");
    await there?.start([here ?? assert.fail()]);
  },
);

test("waiting ends within seconds when it is cancelled", { skip }, async () => {
  const storage = await opened(settingsOf(here));
  await there?.stop();
  await storage.write("cancelled.tar", content("x"), signal);
  const waiting = storage.settle?.("cancelled.tar", () => undefined, AbortSignal.timeout(1500));
  await assert.rejects(Promise.resolve(waiting), { name: "TimeoutError" });
  await there?.start([here ?? assert.fail()]);
});

test("no device is waited for where none is asked for", { skip }, async () => {
  const storage = await opened(settingsOf(here, { ...quiet, devices: 0 }));
  await storage.write("alone.tar", content("x"), signal);
  await settle(storage, "alone.tar");
  await rejectsWith(settle(storage, "missing.tar"), "not-found");
});

test("more devices than share the folder can never have it", { skip }, async () => {
  const storage = await opened(settingsOf(here, { devices: 2 }));
  await storage.write("two.tar", content("x"), signal);
  await assert.rejects(settle(storage, "two.tar"), {
    problem: "unsupported",
    message: /shares the folder My backups with 1 other devices, but 2 are/,
  });
});

test(
  "a wrong key, no Syncthing and a folder that is not shared are told apart",
  { skip },
  async () => {
    const good = await opened(settingsOf(here));
    await good.write("x.tar", content("x"), signal);
    for (const [more, problem, message] of [
      [{ apiKey: "wrong-key" }, "sign-in", /does not accept the API key/],
      [{ apiUrl: "http://127.0.0.1:1" }, "unreachable", /does not run or cannot be reached/],
      [{ folder: "other" }, "unsupported", /no folder with the id other/],
    ] as const) {
      const storage = await kind.open(settingsOf(here, more));
      await assert.rejects(settle(storage, "x.tar"), (error: Error & { problem?: string }) => {
        assert.equal(error.problem, problem);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /wrong-key/);
        return true;
      });
    }
    await settle(await kind.open(settingsOf(here, { folder: "backups" })), "x.tar");
  },
);

test(
  "folders that only receive take nothing, and a paused one is waited for",
  { skip },
  async () => {
    const other = await newDevice("other", { tls: true });
    await other.start([here ?? assert.fail()], { type: "receiveonly" });
    const certificate = await other.certificate();
    const settings = settingsOf(other, { certificate });
    const storage = await opened(settings);
    await rejectsWith(storage.write("x.tar", content("x"), signal), "read-only");
    await other.stop();
    await other.start([here ?? assert.fail()], { paused: true });
    await storage.write("x.tar", content("x"), signal);
    await rejectsWith(settle(storage, "x.tar"), "busy");
    const [sane, foreign] = [
      settingsOf(other),
      settingsOf(other, { certificate: foreignCertificate }),
    ];
    await rejectsWith(settle(await kind.open(sane), "x.tar"), "busy");
    await rejectsWith(settle(await kind.open(foreign), "x.tar"), "denied");
  },
);

test("each step of a diagnosis finds its cause", { skip }, async () => {
  const diagnosed = async (more: PlaceSettings) =>
    Array.fromAsync(kind.diagnose?.(settingsOf(here, more), signal) ?? []);
  const well = await diagnosed({});
  assert.deepEqual(
    well.map(({ subject, ok }) => `${subject} ${ok}`),
    ["name", "port", "sign-in", "path", "path", "permission", "devices", "space"].map(
      (s) => `${s} true`,
    ),
  );
  for (const [more, subject] of [
    [{ apiUrl: "http://127.0.0.1:1" }, "port"],
    [{ apiKey: "wrong" }, "sign-in"],
    [{ folder: "other" }, "path"],
    [{ devices: 7 }, "devices"],
  ] as const) {
    const last = (await diagnosed(more)).at(-1);
    assert.deepEqual([last?.subject, last?.ok], [subject, false]);
    assert.notEqual(last?.advice, undefined);
  }
});

test("settings that are none are refused", () => {
  const good = { path: "/x", apiKey: "k" };
  for (const settings of [
    undefined,
    {},
    { path: "relative", apiKey: "k" },
    { path: "/x" },
    { ...good, apiKey: "two words" },
    { ...good, devices: -1 },
    { ...good, devices: 1.5 },
    { ...good, apiUrl: "ftp://x" },
    { ...good, apiUrl: "http://me:secret@nas:8384" },
    { ...good, certificate: "none" },
  ])
    assert.throws(() => parseSyncthingSettings(settings), { problem: "usage" });
  assert.equal(parseSyncthingSettings(good).devices, 1);
  assert.equal(parseSyncthingSettings(good).apiUrl.port, "8384");
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
