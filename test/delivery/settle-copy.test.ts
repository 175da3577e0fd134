import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { test, type TestContext } from "node:test";
import type { RunBackup } from "#core/model/run.ts";
import { CopySteps } from "#jobs/delivery/copy-steps.ts";
import type { StepContext } from "#jobs/runs/step-handler.ts";
import { withProgress } from "#storage/layers/progress.ts";
import type { Settlement, StorageProvider } from "#storage/provider.ts";
import { BackupPlaces, ourInstallation } from "#test/backup-places.ts";
import { ManualTime } from "#test/manual-time.ts";

const backup: RunBackup = { slug: "0123abcd", name: "Sample", fileName: "backup-0123abcd.tar" };
const origin = { installation: ourInstallation, plan: "nightly" };
const size = 1000;

/** A home whose backup is `here`, and what `shared` answers when it is asked how far it has come from there. */
class Homes {
  readonly time = new ManualTime();
  readonly lines: string[] = [];
  asked = 0;
  answer: (asked: number) => Settlement = () => ({ settled: true });
  readonly places: BackupPlaces;

  private constructor(places: BackupPlaces) {
    this.places = places;
  }

  static async create(context: TestContext): Promise<Homes> {
    const places = await BackupPlaces.create(context, { now: () => Date.now() });
    places.add("here", "shared");
    await places.put("here", { slug: backup.slug, date: Date.UTC(2026, 2, 1), origin });
    return new Homes(places);
  }

  steps(sources: readonly string[]): CopySteps {
    return new CopySteps({
      backup: () => backup,
      sources,
      keysOf: async () => undefined,
      newKeys: async () => undefined,
      openPool: async () => assert.fail("nothing is compressed"),
      openSpool: async () => assert.fail("nothing is spooled"),
      rules: new Map(),
      installation: ourInstallation,
      openLocation: async (id) =>
        this.places.open(id, (storage) => (id === "shared" ? this.#settling(storage) : storage)),
      clock: this.time.clock,
      startTimer: this.time.startTimer,
      report: () => undefined,
    });
  }

  /** A `deliver` step to `shared`. */
  deliver(steps: CopySteps, signal = new AbortController().signal): Promise<void> {
    const context = {
      step: { location: "shared" },
      signal,
      report: () => undefined,
      log: (text: string) => void this.lines.push(text),
    } as unknown as StepContext;
    const delivery = steps.handlers.deliver?.(context) ?? assert.fail();
    return this.time.passUntil(delivery);
  }

  get notes(): Record<string, unknown> {
    const path = `${this.places.path("shared")}/.safehouse/${backup.slug}.json`;
    return JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  }

  /** Changes with each writing. */
  get file(): unknown {
    const { ino, mtimeNs } = statSync(`${this.places.path("shared")}/${backup.fileName}`, {
      bigint: true,
    });
    return [ino, mtimeNs];
  }

  #settling(storage: StorageProvider): StorageProvider {
    const settlement = async (): Promise<Settlement> => this.answer((this.asked += 1));
    return { ...withProgress(storage, () => undefined), settlement };
  }
}

const waiting = (waitsFor: string, left: number, isHeldUp = false): Settlement => ({
  settled: false,
  waitsFor,
  isHeldUp,
  left,
});

test("a copy is delivered when it has settled, and that is noted beside it", async (context) => {
  const homes = await Homes.create(context);
  homes.answer = (asked) => (asked < 4 ? waiting("laptop", size - asked) : { settled: true });
  await homes.deliver(homes.steps(["here"]));
  assert.deepEqual(homes.lines, [
    "It is in place and waits for laptop",
    "It has come to enough other devices",
  ]);
  const { settled, ...others } = homes.notes;
  assert.match(JSON.stringify(settled), /^\{"at":"2026-01-02T.*Z"\}$/);
  assert.deepEqual(others, { origin });
  homes.answer = () => assert.fail("what has settled is not asked about again");
  await homes.deliver(homes.steps(["here"]));
});

test("where nobody takes it the delivery fails within seconds, the copy stays and is not sent again", async (context) => {
  const homes = await Homes.create(context);
  homes.answer = () => waiting("laptop (not connected)", size, true);
  const steps = homes.steps(["here"]);
  const away = {
    problem: "unreachable",
    message: `${backup.fileName} is in place, but waits for laptop (not connected)`,
  };
  await assert.rejects(homes.deliver(steps), away);
  assert.ok(homes.asked < 10, "it is asked once a second");
  const { file } = homes;
  await assert.rejects(homes.deliver(steps), away);
  assert.equal(homes.notes["settled"], undefined);
  homes.answer = () => ({ settled: true });
  await homes.deliver(homes.steps(["shared"]));
  assert.deepEqual(homes.file, file);
  assert.notEqual(homes.notes["settled"], undefined);
});

test("bytes that move are waited for as long as it takes, and those that only go up and down are not", async (context) => {
  const homes = await Homes.create(context);
  homes.answer = (asked) =>
    asked < 600 ? waiting("laptop", 100_000 - Math.floor(asked / 50)) : { settled: true };
  await homes.deliver(homes.steps(["here"]));
  assert.ok(homes.asked >= 600);
  const others = await Homes.create(context);
  others.answer = (asked) => waiting(asked % 7 < 3 ? "laptop" : "phone", 500 + (asked % 5));
  await assert.rejects(others.deliver(others.steps(["here"])), {
    problem: "unreachable",
    message: /nothing of it has moved for some minutes/,
  });
  assert.ok(others.asked < 5 * 60);
});

test("waiting ends when the run is cancelled", async (context) => {
  const homes = await Homes.create(context);
  const cancel = new AbortController();
  homes.answer = (asked) => {
    if (asked === 3) cancel.abort();
    return waiting("laptop", size - asked);
  };
  await assert.rejects(homes.deliver(homes.steps(["here"]), cancel.signal), { name: "AbortError" });
  assert.ok(homes.asked <= 4);
});
