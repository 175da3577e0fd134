import { memorySpool } from "#test/sample-archive.ts";
import assert from "node:assert/strict";
import { readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { test, type TestContext } from "node:test";
import type { RunBackup } from "#core/model/run.ts";
import { CopySteps } from "#jobs/delivery/copy-steps.ts";
import { deliverBackup, type DeliveryOptions } from "#jobs/delivery/deliver-backup.ts";
import type { StepContext } from "#jobs/runs/step-handler.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import { StorageError } from "#storage/errors.ts";
import { MemoryStorage } from "#storage/memory/provider.ts";
import type { OpenBody, StorageProvider } from "#storage/provider.ts";
import { BackupPlaces, ourInstallation, proven } from "#test/backup-places.ts";

const clock = { now: () => Date.now() };
const backup: RunBackup = { slug: "0123abcd", name: "Sample", fileName: "backup-0123abcd.tar" };
const origin = { installation: ourInstallation, plan: "nightly" };
const date = Date.parse("2026-03-01T02:00:00Z");

async function setUp(context: TestContext): Promise<BackupPlaces> {
  const places = await BackupPlaces.create(context, clock);
  places.add("here", "nas");
  const notes = { ...proven, pin: { pinned: true, at: "now" }, note: { text: "kept", at: "now" } };
  await places.put("here", { slug: backup.slug, date, origin, notes });
  return places;
}

/** Copies are as they are. */
const unchanged = {
  keysOf: async () => undefined,
  newKeys: async () => undefined,
  openPool: async () => assert.fail("nothing is compressed"),
  openSpool: async () => memorySpool(),
};

function options(
  from: ArchiveLocation,
  to: ArchiveLocation,
  more: Partial<DeliveryOptions> = {},
): DeliveryOptions {
  const { signal } = new AbortController();
  const told = { report: () => undefined, log: () => undefined };
  return { ...unchanged, ...told, from, to, signal, ...more };
}

function deliver(places: BackupPlaces, more: Partial<DeliveryOptions> = {}) {
  return deliverBackup(backup, options(places.open("here"), places.open("nas"), more));
}

function isSame(places: BackupPlaces, file: string): void {
  const [one, two] = ["here", "nas"].map((id) => readFileSync(`${places.path(id)}/${file}`));
  assert.ok(one !== undefined && two !== undefined && one.equals(two), file);
}

const whole = [
  `.safehouse/${backup.slug}.index`,
  `.safehouse/${backup.slug}.json`,
  backup.fileName,
];

test("a copy has the same bytes, the index and the notes, but no pin and no verification of its own", async (context) => {
  const places = await setUp(context);
  assert.equal(await deliver(places), "copied");
  assert.deepEqual(places.files("nas"), whole);
  isSame(places, backup.fileName);
  isSame(places, `.safehouse/${backup.slug}.index`);
  const notes: unknown = JSON.parse(
    readFileSync(`${places.path("nas")}/.safehouse/${backup.slug}.json`, "utf8"),
  );
  assert.deepEqual(notes, { origin, note: { text: "kept", at: "now" } });
});

test("onedrive: a copy that is there already with the same bytes counts as delivered and is left alone", async (context) => {
  const places = await setUp(context);
  await deliver(places);
  const path = places.path("nas");
  renameSync(`${path}/${backup.fileName}`, `${path}/Called otherwise.tar`);
  const notes = JSON.stringify({ origin, pin: { pinned: true, at: "now" } });
  writeFileSync(`${path}/.safehouse/${backup.slug}.json`, notes);
  rmSync(`${path}/.safehouse/${backup.slug}.index`);
  assert.equal(await deliver(places), "was-there");
  assert.deepEqual(places.files("nas"), [...whole.slice(0, 2), "Called otherwise.tar"]);
  assert.equal(readFileSync(`${path}/.safehouse/${backup.slug}.json`, "utf8"), notes);
  isSame(places, `.safehouse/${backup.slug}.index`);
});

test("another archive of the same slug is neither replaced nor taken for the copy", async (context) => {
  const places = await setUp(context);
  await places.put("nas", { slug: backup.slug, date: date + 1000 });
  const before = places.files("nas").map((file) => readFileSync(`${places.path("nas")}/${file}`));
  await assert.rejects(deliver(places), { problem: "already-exists" });
  const after = places.files("nas").map((file) => readFileSync(`${places.path("nas")}/${file}`));
  assert.deepEqual(after, before);
});

test("a copy that is known to be damaged is not spread", async (context) => {
  const places = await setUp(context);
  const verification = { ...proven.verification, verdict: "damaged" };
  await places.put("here", { slug: backup.slug, date, origin, notes: { verification } });
  await assert.rejects(deliverFrom(places, ["here"]), { problem: "damaged" });
  assert.deepEqual(places.files("nas"), []);
});

/** The same storage; `fail` may throw before a method is called. */
function failing(fail: (method: string, key: unknown) => Promise<void>) {
  return (storage: StorageProvider): StorageProvider =>
    new Proxy(storage, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function" || name === "list") {
          return typeof value === "function" ? (value.bind(target) as unknown) : value;
        }
        return async (...args: unknown[]): Promise<unknown> => {
          await fail(String(name), args[0]);
          return Reflect.apply(value, target, args) as unknown;
        };
      },
    });
}

test("a location that disappears midway gets nothing half, and the copy when it is back", async (context) => {
  const places = await setUp(context);
  const [there, away] = [places.path("nas"), places.path("away")];
  const to = places.open(
    "nas",
    failing(async (method, key) => {
      if (method === "write" && key === backup.fileName) renameSync(there, away);
    }),
  );
  const lines: string[] = [];
  const log = (line: string): void => void lines.push(line);
  await assert.rejects(deliver(places, { to, log }), { problem: "unreachable" });
  assert.match(lines.join(), /could not be removed/);
  renameSync(away, there);
  assert.equal(places.slugs("nas").length, 0);
  assert.equal(await deliver(places), "copied");
  assert.deepEqual(places.files("nas"), whole);
});

test("a delivery that was cut goes on from what had arrived, in another process too", async (context) => {
  const places = await setUp(context);
  const place = new MemoryStorage();
  const begins: number[] = [];
  const cut = new StorageError("unreachable", "The line is cut");
  /** A way to the place that is cut after so many bytes. */
  const line = (longest: number) => (): StorageProvider =>
    new Proxy(place, {
      get(target, name) {
        if (name !== "write") return boundTo(target, name);
        const write: StorageProvider["write"] = (key, content, signal) => {
          if (!key.endsWith(".tar")) return place.write(key, content, signal);
          const open: OpenBody = async function* torn(from = 0) {
            begins.push(from);
            for await (const bytes of content.open(from)) {
              yield bytes.subarray(0, Math.max(0, longest - from));
              if (bytes.length > longest - from) throw cut;
            }
          };
          return place.write(key, { ...content, open }, signal);
        };
        return write;
      },
    });
  await assert.rejects(deliver(places, { to: places.open("nas", line(1000)) }), cut);
  assert.equal(await deliver(places, { to: places.open("nas", line(Infinity)) }), "copied");
  assert.deepEqual(begins, [0, 1000]);
  const { signal } = new AbortController();
  const there = await Array.fromAsync(await place.read(backup.fileName, undefined, signal));
  assert.deepEqual(Buffer.concat(there), readFileSync(`${places.path("here")}/${backup.fileName}`));
});

function boundTo(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target);
  return typeof value === "function" ? (value.bind(target) as unknown) : value;
}

test("a copy that fails leaves neither index nor notes behind", async (context) => {
  const places = await setUp(context);
  const to = places.open(
    "nas",
    failing(async (method, key) => {
      if (method === "write" && key === backup.fileName) throw new Error("The cable is out");
    }),
  );
  await assert.rejects(deliver(places, { to }), /The cable is out/);
  assert.deepEqual(places.files("nas"), []);
});

test("a delivery that is cancelled leaves nothing, at whatever moment", async (context) => {
  const places = await setUp(context);
  for (let moment = 0; ; moment += 1) {
    const cancel = new AbortController();
    let calls = 0;
    const count = failing(async () => {
      if (calls === moment) cancel.abort();
      calls += 1;
    });
    const delivery = deliver(places, { to: places.open("nas", count), signal: cancel.signal });
    const arrival = await delivery.catch((): undefined => undefined);
    if (arrival !== undefined && !cancel.signal.aborted) break;
    assert.deepEqual(places.files("nas"), arrival === undefined ? [] : whole, `at call ${moment}`);
    for (const file of places.files("nas")) rmSync(`${places.path("nas")}/${file}`);
    assert.ok(moment < 100);
  }
});

/** A `deliver` step to the NAS, from the locations in their order. */
async function deliverFrom(places: BackupPlaces, sources: readonly string[], wrap: Wraps = {}) {
  const lines: string[] = [];
  const steps = new CopySteps({
    backup: () => backup,
    sources,
    ...unchanged,
    rules: new Map(),
    installation: ourInstallation,
    openLocation: async (id) => places.open(id, wrap[id]),
    clock,
    startTimer: () => () => undefined,
    report: () => undefined,
  });
  const context = {
    step: { location: "nas" },
    signal: new AbortController().signal,
    report: () => undefined,
    log: (text: string) => void lines.push(text),
  } as unknown as StepContext;
  await steps.handlers.deliver?.(context);
  return { lines, arrival: steps.arrivals.get("nas") };
}

type Wraps = Readonly<Record<string, (storage: StorageProvider) => StorageProvider>>;

test("core#139520: where the first location is away or damaged, another good copy is taken", async (context) => {
  const places = await setUp(context);
  places.add("cloud");
  for (const file of whole)
    writeFileSync(
      `${places.path("cloud")}/${file}`,
      readFileSync(`${places.path("here")}/${file}`),
    );
  const spoils: readonly (() => void)[] = [
    () => truncateSync(`${places.path("here")}/${backup.fileName}`, 2048),
    () => rmSync(`${places.path("here")}/${backup.fileName}`),
    () => rmSync(places.path("here"), { recursive: true }),
  ];
  for (const spoil of spoils) {
    spoil();
    const { lines, arrival } = await deliverFrom(places, ["here", "cloud", "nas"]);
    assert.equal(arrival, "copied");
    assert.match(lines.join(), /^It cannot be copied from here: /);
    assert.deepEqual(places.files("nas"), whole);
    rmSync(places.path("nas"), { recursive: true });
    places.add("nas");
  }
});

test("a source that fails while it is read is left for another, with nothing half in between", async (context) => {
  const places = await setUp(context);
  places.add("cloud");
  for (const file of whole)
    writeFileSync(
      `${places.path("cloud")}/${file}`,
      readFileSync(`${places.path("here")}/${file}`),
    );
  // What the catalogue knows is not opened before it is copied.
  await places.open("here").list(new AbortController().signal);
  const shrinks = (storage: StorageProvider): StorageProvider =>
    failing(async (method, key) => {
      if (method !== "open" || key !== backup.fileName) return;
      queueMicrotask(() => truncateSync(`${places.path("here")}/${backup.fileName}`, 0));
    })(storage);
  const { arrival } = await deliverFrom(places, ["here", "cloud"], { here: shrinks });
  assert.equal(arrival, "copied");
  assert.deepEqual(places.files("nas"), whole);
});
