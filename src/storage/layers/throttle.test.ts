import { strict as assert } from "node:assert";
import { test } from "node:test";
import { checksFor, runCheck } from "../contract/storage-contract.ts";
import { body, readAll, someBytes } from "../contract/objects.ts";
import { MemoryStorage } from "../memory/provider.ts";
import { withThrottle } from "./throttle.ts";

const { signal } = new AbortController();

/** A clock that goes on only while somebody waits. */
class Waiting {
  at = 0;
  readonly now = (): number => this.at;
  readonly pause = async (milliseconds: number): Promise<void> => void (this.at += milliseconds);
}

test("what is written and read takes as long as its rate says", async () => {
  const time = new Waiting();
  const storage = withThrottle(new MemoryStorage(), {
    now: time.now,
    pause: time.pause,
    rateAt: () => 1000,
  });
  const chunks = [1, 2, 3, 4].map((seed) => someBytes(2500, seed));
  await storage.write("a", { open: body(...chunks) }, signal);
  assert.equal(time.at, 7500, "the last chunk is on its way");
  assert.equal((await readAll({ storage, signal }, "a")).length, 10_000);
  assert.ok(time.at > 7500);
});

test("the rate is that of the moment, and without one nothing waits", async () => {
  const time = new Waiting();
  const rateAt = (now: number): number | undefined => (now < 5000 ? 1000 : undefined);
  const storage = withThrottle(new MemoryStorage(), { now: time.now, pause: time.pause, rateAt });
  const chunks = Array.from({ length: 20 }, (_, seed) => someBytes(2500, seed));
  await storage.write("a", { open: body(...chunks) }, signal);
  assert.equal(time.at, 5000);
});

test("a place keeps its promises at any rate", async () => {
  const pause = async (): Promise<void> => undefined;
  const make = () => withThrottle(new MemoryStorage(), { rateAt: () => 1e6, now: Date.now, pause });
  for (const check of checksFor(make()))
    await runCheck(check, { storage: make(), prefix: "check/", signal, manyObjects: 100 });
});
