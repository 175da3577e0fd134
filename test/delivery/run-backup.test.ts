import assert from "node:assert/strict";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { Run } from "#core/model/run.ts";
import type { RetryPolicy } from "#core/run/retry-policy.ts";
import { goOnWithRun } from "#jobs/delivery/go-on-with-run.ts";
import { runState } from "#core/run/run-state.ts";
import { runBackup } from "#jobs/backup/run-backup.ts";
import { copyFacts } from "#jobs/prune/copy-facts.ts";
import { runPrune } from "#jobs/prune/run-prune.ts";
import { cancelRun } from "#jobs/runs/cancel-run.ts";
import { lookAfterDeath } from "#jobs/runs/look-after-death.ts";
import { retryOnce, retryPatiently, type RetryPolicies } from "#jobs/runs/retry-policies.ts";
import { settleDeadRuns } from "#jobs/runs/settle-dead-runs.ts";
import type { StorageProvider } from "#storage/provider.ts";
import { makeBackupBench, requestFor } from "#test/backup-bench.ts";
import { ourInstallation, proven, slugNumber } from "#test/backup-places.ts";
import { ruleOf } from "#test/retention-cases.ts";
import { type RunBench, statesOf, stored } from "#test/run-bench.ts";

const day = 86_400_000;
const { signal } = new AbortController();

const clock = { now: () => Date.now() };
test("core#139520, pain 4: of three locations a dead one costs its own copy and nothing else", async (context) => {
  const { runs, places, tools } = await makeBackupBench(context, "here", "nas");
  const running = runBackup(requestFor(["here", "dead", "nas"]), tools());
  const result = await running;
  assert.deepEqual(
    result.copies.map(({ location, state, verdict }) => [location, state, verdict]),
    [
      ["here", "verified", "proven"],
      ["dead", "missing", undefined],
      ["nas", "verified", "proven"],
    ],
  );
  assert.equal(result.copies[1]?.error?.problem, "unreachable");
  const [run] = await runs.process().journal.list("home");
  assert.ok(run !== undefined);
  assert.equal(run.id, result.run);
  assert.equal(runState(run), "incomplete");
  const [here, nas] = ["here", "nas"].map((id) =>
    readFileSync(`${places.path(id)}/${result.fileName}`),
  );
  assert.ok(here !== undefined && nas !== undefined && here.equals(nas));
});

test("a backup says whose it is and which plan made it, at each location", async (context) => {
  const { tools, openLocation } = await makeBackupBench(context, "here", "nas");
  await runBackup(requestFor(["here", "nas"]), tools());
  for (const id of ["here", "nas"]) {
    const [found] = (await (await openLocation(id)).list(signal)).backups;
    assert.ok(found !== undefined);
    const { owner, plan, pinned, verification } = copyFacts(found, ourInstallation);
    assert.deepEqual([owner, plan, pinned, verification], ["this", "nightly", false, "proven"]);
  }
});

test("a location that comes back is delivered to without another backup being made", async (context) => {
  const { runs, places, tools } = await makeBackupBench(context, "here");
  const running = runBackup(requestFor(["here", "nas"]), { ...tools(), retry: quickly });
  await untilRun(runs, ({ steps: [, , deliver] }) => (deliver?.attempts ?? 0) > 1);
  places.add("nas");
  const result = await running;
  assert.deepEqual(
    result.copies.map(({ state }) => state),
    ["verified", "verified"],
  );
  const [run] = await runs.process().journal.list("home");
  assert.ok((run?.steps[2]?.attempts ?? 0) > 2);
  assert.equal(run?.steps[0]?.attempts, 1);
});

/** Pauses that a test can wait for. */
const quickly: () => RetryPolicy = () => ({
  attempts: 100,
  firstPauseInMs: 10,
  longestPauseInMs: 100,
});

/** Until the newest run is so. */
async function untilRun(runs: RunBench, isSo: (run: Run) => boolean): Promise<void> {
  for (;;) {
    const [run] = await runs.process().journal.list("home");
    if (run !== undefined && isSo(run)) return;
    await pause(50);
  }
}

test("a person is told at once, and nobody is waited for for ever", () => {
  const kinds = ["make", "deliver", "verify", "prune"] as const;
  const attempts = (policies: RetryPolicies): number[] =>
    kinds.map((kind) => policies(kind).attempts);
  assert.deepEqual(attempts(retryOnce), [1, 1, 1, 1]);
  assert.deepEqual(attempts(retryPatiently({ make: false })), [1, 4, 4, 4]);
  assert.deepEqual(attempts(retryPatiently({ make: true })), [4, 4, 4, 4]);
});

test("making is tried again only where that is wanted", async (context) => {
  for (const make of [false, true]) {
    const { runs, places, tools } = await makeBackupBench(context);
    const once = { attempts: 1, firstPauseInMs: 0, longestPauseInMs: 0 };
    const retry: RetryPolicies = (kind) => (kind === "make" && !make ? once : quickly());
    const running = runBackup(requestFor(["here"]), { ...tools(), retry });
    running.catch(() => undefined);
    await untilRun(runs, ({ steps: [first] }) => first?.error !== undefined);
    places.add("here");
    if (make) assert.equal((await running).copies[0]?.state, "verified");
    else await assert.rejects(running, { problem: "unreachable" });
  }
});

test("a plan's rule lets its own oldest backup go at each location once the new one is good there", async (context) => {
  const { places, tools } = await makeBackupBench(context, "here", "nas");
  const plans = ["nightly", "weekly", undefined];
  for (const id of ["here", "nas"]) {
    for (const [at, plan] of plans.entries()) {
      for (const night of [1, 2]) {
        const date = clock.now() - (10 - night) * day;
        const origin = { installation: ourInstallation, plan };
        await places.put(id, { slug: slugNumber(16 * at + night), date, origin, notes: proven });
      }
    }
  }
  const request = requestFor(["here", "nas"], { rule: ruleOf({ copies: 2 }) });
  const result = await runBackup(request, tools());
  const oldest = slugNumber(1);
  assert.deepEqual(
    result.copies.map(({ pruned }) => pruned),
    [[oldest], [oldest]],
  );
  for (const id of ["here", "nas"]) assert.equal(places.slugs(id).length, 5);
});

test("gdrive#1199: nothing old goes where the new backup did not become good", async (context) => {
  const { places, tools, wraps } = await makeBackupBench(context, "here", "nas");
  for (const night of [1, 2, 3])
    await places.put("nas", {
      slug: slugNumber(night),
      date: clock.now() - (10 - night) * day,
      origin: { installation: ourInstallation, plan: "nightly" },
      notes: proven,
    });
  wraps.set("nas", spoilsArchives);
  const request = requestFor(["here", "nas"], { rule: ruleOf({ copies: 1 }) });
  const result = await runBackup(request, tools());
  const [, nas] = result.copies;
  assert.deepEqual([nas?.state, nas?.error?.problem], ["missing", "damaged"]);
  assert.equal(nas?.pruned, undefined);
  assert.equal(places.files("nas").length, 9, "the damaged copy was taken away, the old ones stay");
});

const gzipMagic = Buffer.from([0x1f, 0x8b, 0x08]);

/** A place that turns a bit of every archive that is written to it. */
function spoilsArchives(inner: StorageProvider): StorageProvider {
  const write: StorageProvider["write"] = (key, content, stop) => {
    if (!key.endsWith(".tar")) return inner.write(key, content, stop);
    return inner.write(key, { ...content, open: (from) => spoilt(content.open(from)) }, stop);
  };
  return new Proxy(inner, {
    get(target, name) {
      if (name === "write") return write;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

async function* spoilt(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const bytes of body) {
    const copy = Buffer.from(bytes);
    const at = copy.indexOf(gzipMagic) + 60;
    copy[at] = (copy[at] ?? 0) ^ 1;
    yield copy;
  }
}

test("the brake ends the prune of a run, and what somebody agreed to beforehand lets it go on", async (context) => {
  const { runs, places, tools } = await makeBackupBench(context, "here");
  for (let night = 1; night <= 6; night += 1)
    await places.put("here", {
      slug: slugNumber(night),
      date: clock.now() - (10 - night) * day,
      notes: proven,
    });
  const rule = ruleOf({ copies: 2 });
  const request = requestFor(["here"], { rule, trigger: { kind: "manual" } });
  const result = await runBackup(request, tools());
  const [copy] = result.copies;
  assert.deepEqual([copy?.state, copy?.error?.problem], ["verified", "confirmation-needed"]);
  const [run] = await runs.process().journal.list("home");
  const prune = run?.steps.find(({ kind }) => kind === "prune");
  assert.ok(prune?.error?.advice !== undefined);
  assert.match(prune.log.map(({ text }) => text).join(), /Would remove( 0000000\d){5}/);
  const confirmed = /--confirm ([0-9a-f]+)/.exec(prune.error.advice)?.[1];
  const rules = new Map([["here", { rule, scope: { plan: undefined }, confirmed }]]);
  const { openLocation, backup } = tools();
  const again = runPrune(
    { trigger: { kind: "manual" }, rules },
    { ...backup, runs: runs.process(), openLocation, installation: ourInstallation },
  );
  const reports = await again;
  assert.equal(reports.get("here")?.removed.length, 5);
});

/** A place that does not answer about an archive while it is told to hang. */
class Hanging {
  at: "read" | "write" | "remove" | undefined;
  readonly #end = Promise.withResolvers<never>();
  /** Resolves when somebody waits for it. */
  readonly hangs = Promise.withResolvers<void>();

  constructor() {
    this.#end.promise.catch(() => undefined);
  }

  /** Whoever waits gets an error: a test does not end with open files. */
  end(): void {
    this.#end.reject(new Error("The test is over"));
  }

  readonly wrap = (inner: StorageProvider): StorageProvider =>
    new Proxy(inner, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        return (...args: unknown[]): unknown => {
          const isMeant = /^(Nightly|backup-).*\.tar$/.test(String(args[0]));
          const stuck = { open: "read", write: "write", remove: "remove" }[String(name)];
          const isOld = stuck !== "remove" && String(args[0]).startsWith("backup-");
          if (!isMeant || isOld || stuck === undefined || stuck !== this.at)
            return Reflect.apply(value, target, args) as unknown;
          this.hangs.resolve();
          return this.#end.promise;
        };
      },
    });
}

/** Until all is done at a location, and the journal knows it and what else has begun. */
async function restAt(runs: RunBench, location: string): Promise<void> {
  await untilRun(runs, ({ steps }) => {
    const states = steps.filter((step) => step.location === location).map(({ state }) => state);
    return (
      states.every((state) => state === "done") && steps.some(({ state }) => state === "running")
    );
  });
}

test("whoever cancels while a copy is on its way is told which copies there are", async (context) => {
  const { runs, places, tools, wraps, processOf } = await makeBackupBench(context, "here", "nas");
  const hanging = new Hanging();
  hanging.at = "write";
  wraps.set("nas", hanging.wrap);
  const running = runBackup(requestFor(["here", "nas"]), tools());
  running.catch(() => undefined);
  await hanging.hangs.promise;
  await restAt(runs, "here");
  const [run] = await runs.process().journal.open("home");
  assert.ok(run !== undefined);
  const cancelling = cancelRun(run, processOf(2), signal);
  await untilRun(runs, ({ cancelAsked }) => cancelAsked !== undefined);
  hanging.end();
  const slug = run.backup?.slug;
  const message = `The run was cancelled by another command; backup ${slug} is at here (read back)`;
  await assert.rejects(running, { problem: "cancelled", message });
  assert.equal(runState(await cancelling), "cancelled");
  assert.deepEqual(places.files("nas"), []);
});

for (const [kind, at] of [
  ["deliver", "write"],
  ["verify", "read"],
  ["prune", "remove"],
] as const) {
  test(`a process that dies while it is at work on ${kind} leaves a run that another one ends or goes on with`, async (context) => {
    for (const goesOn of [false, true]) {
      const { runs, processOf, places, tools, wraps, openLocation } = await makeBackupBench(
        context,
        "here",
        "nas",
      );
      for (const night of [1, 2, 3])
        await places.put("nas", {
          slug: slugNumber(night),
          date: clock.now() - (10 - night) * day,
          origin: { installation: ourInstallation, plan: "nightly" },
          notes: proven,
        });
      const hanging = new Hanging();
      hanging.at = at;
      wraps.set("nas", hanging.wrap);
      const request = requestFor(["here", "nas"], { rule: ruleOf({ copies: 3 }) });
      const dying = runBackup(request, tools()).catch(() => undefined);
      await hanging.hangs.promise;
      await restAt(runs, "here");
      // Written, but not yet its archive: as a kill between the two leaves it.
      if (kind === "deliver") assert.ok(places.files("nas").length > 9);
      hanging.at = undefined;
      runs.dead.add(1);
      const heir = {
        ...processOf(2),
        lookAfterDeath: lookAfterDeath({
          openLocation,
          installationId: async () => ourInstallation,
          processes: runs.process(2).processes,
          signal,
        }),
      };
      const [before] = await heir.journal.open("home");
      assert.equal(before?.steps.find(({ state }) => state === "running")?.kind, kind);
      if (goesOn) {
        runs.hasServer = true;
        await settleDeadRuns(heir);
        const rule = {
          rule: ruleOf({ copies: 3 }),
          scope: { plan: "nightly" },
          confirmed: undefined,
        };
        const rules = new Map(["here", "nas"].map((id) => [id, rule]));
        const { backup, installationId: installation } = tools(2);
        await goOnWithRun(before.id, async () => rules, {
          openLocation,
          installation,
          clock,
          signal,
          report: backup.report,
          runs: heir,
          askPassword: async () => undefined,
          newKeys: async () => undefined,
          openPool: backup.openPool,
          openSpool: backup.openSpool,
        });
        assert.equal(runState(await stored(heir, before)), "done");
        assert.deepEqual(places.slugs("nas"), [2, 3].map(slugNumber));
        runs.dead.delete(1);
        hanging.end();
        await dying;
        assert.equal(runState(await stored(heir, before)), "done", "the first one changes nothing");
        continue;
      }
      await settleDeadRuns(heir);
      const ended = await stored(heir, before);
      const states = statesOf(ended).filter((state) => state.includes(" nas "));
      const fates = { deliver: 0, verify: 1, prune: 2 } as const;
      const expected = ["deliver", "verify", "prune"].map((step, number) => {
        const fate = number < fates[kind] ? "done" : number === fates[kind] ? "failed" : "skipped";
        return `${step} nas ${fate}`;
      });
      assert.deepEqual(states, expected);
      assert.equal(
        ended.steps.find(({ state }) => state === "failed")?.error?.problem,
        "interrupted",
      );
      const isThere = places.files("nas").some((file) => file.startsWith("Nightly"));
      assert.equal(isThere, kind !== "deliver");
      const strays = places
        .files("nas")
        .filter((file) => file.includes(ended.backup?.slug ?? "none"));
      assert.equal(
        strays.length,
        isThere ? 2 : 0,
        "index and notes are there with the archive only",
      );
      assert.equal(places.slugs("nas").length, 3);
      runs.dead.delete(1);
      hanging.end();
      await dying;
      assert.deepEqual(await stored(heir, before), ended);
    }
  });
}

test("an archive that appeared just before its process died is known as ours", async (context) => {
  const { runs, processOf, places, tools, openLocation, wraps } = await makeBackupBench(
    context,
    "here",
  );
  let isStuck = true;
  const hangs = Promise.withResolvers<void>();
  const end = Promise.withResolvers<never>();
  end.promise.catch(() => undefined);
  wraps.set(
    "here",
    (inner) =>
      new Proxy(inner, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name, target);
          if (typeof value !== "function") return value;
          return (...args: unknown[]): unknown => {
            const isNotes = name === "write" && String(args[0]).endsWith(".json");
            if (!isNotes || !isStuck) return Reflect.apply(value, target, args) as unknown;
            hangs.resolve();
            return end.promise;
          };
        },
      }),
  );
  const dying = runBackup(requestFor(["here"]), tools()).catch(() => undefined);
  await hangs.promise;
  isStuck = false;
  runs.dead.add(1);
  const heir = processOf(2);
  const installationId = async (): Promise<string> => ourInstallation;
  const { processes } = heir;
  const look = lookAfterDeath({ openLocation, installationId, processes, signal });
  const [ended] = await settleDeadRuns({ ...heir, lookAfterDeath: look });
  assert.deepEqual(ended && statesOf(ended).slice(0, 1), ["make here done"]);
  const [found] = (await (await openLocation("here")).list(signal)).backups;
  assert.ok(found !== undefined);
  const { owner, pinned } = copyFacts(found, ourInstallation);
  assert.deepEqual([owner, pinned], ["this", false]);
  assert.equal(places.files("here").length, 3);
  runs.dead.delete(1);
  end.reject(new Error("The test is over"));
  await dying;
});

test("a dead run whose location is away is ended all the same, and says what is left to do there", async (context) => {
  const { runs, processOf, places, tools, openLocation, wraps } = await makeBackupBench(
    context,
    "here",
    "nas",
  );
  const hanging = new Hanging();
  hanging.at = "write";
  wraps.set("nas", hanging.wrap);
  const dying = runBackup(requestFor(["here", "nas"]), tools()).catch(() => undefined);
  await hanging.hangs.promise;
  await restAt(runs, "here");
  runs.dead.add(1);
  renameSync(places.path("nas"), places.path("away"));
  const heir = processOf(2);
  const installationId = async (): Promise<string> => ourInstallation;
  const { processes } = heir;
  const look = lookAfterDeath({ openLocation, installationId, processes, signal });
  const [ended] = await settleDeadRuns({ ...heir, lookAfterDeath: look });
  assert.equal(ended && runState(ended), "incomplete");
  const deliver = ended?.steps.find(({ kind }) => kind === "deliver");
  assert.match(deliver?.error?.message ?? "", /removed when the location can be reached/);
  runs.dead.delete(1);
  hanging.end();
  await dying;
});

test("a run that is pruned by a rule at a place where notes were lost removes nothing there", async (context) => {
  const { places, tools } = await makeBackupBench(context, "here");
  for (const night of [1, 2, 3])
    await places.put("here", {
      slug: slugNumber(night),
      date: clock.now() - (10 - night) * day,
      origin: { installation: ourInstallation, plan: "nightly" },
      notes: undefined,
    });
  writeFileSync(`${places.path("here")}/.safehouse/${slugNumber(1)}.json`, "{ damaged");
  const request = requestFor(["here"], { rule: ruleOf({ copies: 1 }) });
  const result = await runBackup(request, tools());
  assert.deepEqual(result.copies[0]?.pruned, []);
  assert.equal(places.slugs("here").length, 3);
});
