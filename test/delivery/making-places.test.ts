import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { backupKeys } from "#keys/backup-keys.ts";
import { runBackup, type RunBackupRequest } from "#jobs/backup/run-backup.ts";
import { copyBackup } from "#jobs/delivery/copy-backup.ts";
import { makeBackupBench, requestFor } from "#test/backup-bench.ts";
import { ourInstallation } from "#test/backup-places.ts";
import { statesOf } from "#test/run-bench.ts";
import type { ObjectWriter, StorageProvider } from "#storage/provider.ts";
import { StorageError } from "#storage/errors.ts";

const { signal } = new AbortController();
const keys = backupKeys("correct horse battery staple");
const encryption: RunBackupRequest["encryption"] = { version: 3, keys };

type Bench = Awaited<ReturnType<typeof makeBackupBench>>;

/** What the last run came to, step by step. */
async function lastStates({ runs }: Bench): Promise<readonly string[]> {
  const [run] = await runs.process().journal.list("home");
  assert.ok(run !== undefined);
  return statesOf(run);
}

/** What lies at a location of the only backup there. */
async function onlyAt({ openLocation }: Bench, id: string) {
  const { backups } = await (await openLocation(id)).list(signal);
  const [only, ...others] = backups;
  assert.ok(only?.facts !== undefined);
  assert.deepEqual(others, []);
  return { ...only, facts: only.facts };
}

/** A place whose archives fail from some byte on, until it is mended. */
function failing(after: number, isBroken = (): boolean => true) {
  return (inner: StorageProvider): StorageProvider => {
    const openWrite: StorageProvider["openWrite"] = async (key, options, asked) => {
      const writer = await inner.openWrite(key, options, asked);
      return key.endsWith(".tar") ? failingWriter(writer, after, isBroken) : writer;
    };
    return new Proxy(inner, {
      get(target, name) {
        if (name === "openWrite") return openWrite;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  };
}

function failingWriter(writer: ObjectWriter, after: number, isBroken: () => boolean): ObjectWriter {
  let written = 0;
  return {
    patch: writer.patch,
    write: async (bytes) => {
      written += bytes.length;
      if (written > after && isBroken()) throw new StorageError("unreachable", "The line is dead");
      await writer.write(bytes);
    },
    patchAt: (offset, bytes) => writer.patchAt(offset, bytes),
    holdFrom: (offset) => writer.holdFrom(offset),
    commit: () => writer.commit(),
    abort: () => writer.abort(),
    [Symbol.asyncDispose]: () => writer[Symbol.asyncDispose](),
  };
}

test("a backup is made on this machine, wherever its location stands among the others", async (context) => {
  const bench = await makeBackupBench(context, "nas", "here");
  bench.far.add("nas").add("dead");
  const result = await runBackup(requestFor(["dead", "nas", "here"]), bench.tools());
  assert.equal(result.location, "here");
  assert.deepEqual(
    result.copies.map(({ location, state }) => [location, state]),
    [
      ["here", "verified"],
      ["dead", "missing"],
      ["nas", "verified"],
    ],
  );
});

test("without room on this machine a backup is made at all other locations at once", async (context) => {
  const bench = await makeBackupBench(context, "here", "nas", "cloud");
  bench.far.add("nas").add("cloud");
  bench.wraps.set("here", (inner) => {
    inner.freeSpace = async () => ({ freeBytes: 10, totalBytes: 100 });
    inner.write = async () => {
      throw new StorageError("full", "There is no room");
    };
    return inner;
  });
  const result = await runBackup(requestFor(["here", "nas", "cloud"]), bench.tools());
  assert.equal(result.location, "nas");
  assert.deepEqual(await lastStates(bench), [
    "make nas done",
    "verify nas done",
    "deliver here failed",
    "verify here skipped",
    "deliver cloud done",
    "verify cloud done",
  ]);
  assert.equal(bench.places.files("nas").length, 3);
  const [nas, cloud] = ["nas", "cloud"].map((id) =>
    readFileSync(`${bench.places.path(id)}/${result.fileName}`),
  );
  assert.ok(nas !== undefined && cloud !== undefined && nas.equals(cloud), "one pass made both");
});

test("of locations that a backup is made at, one that fails midway gets a copy of the good one", async (context) => {
  for (const broken of ["nas", "cloud"]) {
    const bench = await makeBackupBench(context, "nas", "cloud");
    bench.far.add("nas").add("cloud");
    let attempts = 0;
    bench.wraps.set(
      broken,
      failing(2000, () => attempts++ === 0),
    );
    const result = await runBackup(requestFor(["nas", "cloud"]), bench.tools());
    assert.equal(result.location, broken === "nas" ? "cloud" : "nas");
    assert.deepEqual(
      result.copies.map(({ state, verdict }) => [state, verdict]),
      [
        ["verified", "proven"],
        ["verified", "proven"],
      ],
    );
    for (const id of ["nas", "cloud"]) assert.equal(bench.places.files(id).length, 3, id);
  }
});

test("a disk that fails midway costs its own copy, and the backup is made at the others", async (context) => {
  const bench = await makeBackupBench(context, "here", "nas");
  bench.far.add("nas");
  let attempts = 0;
  bench.wraps.set(
    "here",
    failing(2000, () => attempts++ === 0),
  );
  const result = await runBackup(requestFor(["here", "nas"]), bench.tools());
  assert.equal(result.location, "nas");
  assert.deepEqual(
    result.copies.map(({ location, state }) => [location, state]),
    [
      ["nas", "verified"],
      ["here", "verified"],
    ],
  );
});

test("a backup fails, and leaves nothing, only when no location of it can have one", async (context) => {
  const bench = await makeBackupBench(context, "nas", "cloud");
  bench.far.add("nas").add("cloud");
  for (const id of ["nas", "cloud"]) bench.wraps.set(id, failing(2000));
  await assert.rejects(runBackup(requestFor(["nas", "cloud"]), bench.tools()), {
    problem: "unreachable",
  });
  for (const id of ["nas", "cloud"]) assert.deepEqual(bench.places.files(id), [], id);
});

for (const isStraight of [false, true]) {
  const how = isStraight ? "made at both at once" : "copied from one to the other";
  for (const plain of ["nas", "cloud"]) {
    test(`one run leaves a backup plain at ${plain} and encrypted at the other, ${how}`, async (context) => {
      const bench = await makeBackupBench(context, "nas", "cloud");
      if (isStraight) bench.far.add("nas").add("cloud");
      bench.isProtected.set(plain, false);
      const other = plain === "nas" ? "cloud" : "nas";
      const request = requestFor(["nas", "cloud"], { encryption });
      const result = await runBackup(request, bench.tools());
      assert.deepEqual(
        result.copies.map(({ state, verdict }) => [state, verdict]),
        [
          ["verified", "proven"],
          ["verified", "proven"],
        ],
      );
      assert.equal((await onlyAt(bench, plain)).facts.protected, false);
      assert.equal((await onlyAt(bench, other)).facts.protected, true);
    });
  }
}

test("a backup that was meant to be encrypted is so again wherever it is copied to from a plain place", async (context) => {
  const bench = await makeBackupBench(context, "here", "nas");
  bench.isProtected.set("here", false);
  const made = await runBackup(requestFor(["here"], { encryption }), bench.tools());
  const { openLocation } = bench;
  const { backup, ...rest } = bench.tools();
  const copy = (newKeys: typeof keys | undefined) =>
    copyBackup(
      { backup: made.slug, from: ["here"], to: ["nas"], verify: true },
      {
        ...rest,
        ...backup,
        openLocation,
        installation: ourInstallation,
        askPassword: async () => keys,
        newKeys: async () => newKeys,
      },
    );
  await assert.rejects(copy(undefined), { problem: "password-needed" });
  assert.deepEqual(bench.places.files("nas"), []);
  const copied = await copy(keys);
  assert.deepEqual(
    copied.copies.map(({ state, verdict }) => [state, verdict]),
    [["verified", "proven"]],
  );
  const there = await onlyAt(bench, "nas");
  assert.equal(there.facts.protected, true);
  // And back: at a place that has no rule it is what it was meant to be.
  assert.equal(JSON.stringify(there.facts.extra).includes("meant"), false);
});

test("a location that wants archives encrypted gets none while there is no key", async (context) => {
  const bench = await makeBackupBench(context, "here", "nas");
  bench.isProtected.set("nas", true);
  const result = await runBackup(requestFor(["here", "nas"]), bench.tools());
  assert.deepEqual(
    result.copies.map(({ state, error }) => [state, error?.problem]),
    [
      ["verified", undefined],
      ["missing", "password-needed"],
    ],
  );
  assert.deepEqual(bench.places.files("nas"), []);
});

test("a copy that waits to go on to other devices is there, and its run says what it waits for", async (context) => {
  const bench = await makeBackupBench(context, "here", "shared");
  bench.wraps.set("shared", (inner) => {
    inner.settlement = async () => ({
      settled: false,
      waitsFor: "laptop (not connected)",
      isHeldUp: true,
      left: 1,
    });
    return inner;
  });
  const { copies } = await runBackup(requestFor(["here", "shared"]), bench.tools());
  assert.deepEqual(
    copies.map(({ location, state }) => [location, state]),
    [
      ["here", "verified"],
      ["shared", "unverified"],
    ],
  );
  assert.match(copies[1]?.error?.message ?? "", /laptop \(not connected\)/);
});

/** A place that takes bytes only in their order. */
function unpatchable(inner: StorageProvider): StorageProvider {
  const openWrite = inner.openWrite.bind(inner);
  inner.openWrite = async (key, options, asked) => {
    const writer = await openWrite(key, options, asked);
    return new Proxy(writer, {
      get(target, name) {
        if (name === "patch") return "none";
        if (name === "patchAt") return () => assert.fail("nothing can be changed");
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  };
  return inner;
}

for (const isProtected of [false, true]) {
  const what = isProtected ? "an encrypted" : "a plain";
  test(`${what} archive needs no room on this machine, also at a place that wants its size first`, async (context) => {
    const bench = await makeBackupBench(context, "cloud");
    bench.far.add("cloud");
    bench.wraps.set("cloud", unpatchable);
    bench.space.forSpools = 1000;
    const tools = bench.tools();
    const openSpool = (): never => assert.fail("there is no room for a spool");
    const request = requestFor(["cloud"], { encryption: isProtected ? encryption : undefined });
    const result = await runBackup(request, { ...tools, backup: { ...tools.backup, openSpool } });
    assert.equal(result.copies[0]?.verdict, "proven");
    assert.equal(result.status, "complete");
    const { facts } = await onlyAt(bench, "cloud");
    assert.equal(facts.compressed, false);
    assert.equal(facts.protected, isProtected);
  });
}

/** A place that takes bytes and answers nothing, until it is told to stop. */
function swallowing(inner: StorageProvider): StorageProvider {
  inner.write = (_key, _content, asked) =>
    new Promise((_, reject) => {
      asked.addEventListener("abort", () => reject(asked.reason as Error), { once: true });
    });
  return inner;
}

test("a place that swallows everything and one that refuses keep nobody waiting for the good copy", async (context) => {
  const bench = await makeBackupBench(context, "hole", "here");
  bench.far.add("hole").add("dead");
  bench.wraps.set("hole", swallowing);
  const cancel = new AbortController();
  const tools = bench.tools();
  const backup = { ...tools.backup, signal: cancel.signal };
  const running = runBackup(requestFor(["hole", "dead", "here"]), { ...tools, backup });
  running.catch(() => undefined);
  for (;;) {
    const [run] = await bench.runs.process().journal.list("home");
    const states = run === undefined ? [] : statesOf(run);
    if (states.includes("verify here done")) {
      assert.ok(states.includes("deliver hole running"), states.join(", "));
      break;
    }
    await pause(20);
  }
  assert.equal((await onlyAt(bench, "here")).facts.name, "Nightly");
  cancel.abort();
  await assert.rejects(running);
  assert.equal(bench.places.files("here").length, 3);
});
