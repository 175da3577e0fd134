import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { loops } from "#test/loops.ts";
import { ManualTime } from "#test/manual-time.ts";
import { GuessLimit } from "./guess-limit.ts";

function limitOf(time = { now: 0 }) {
  return { time, limit: new GuessLimit({ now: () => time.now }) };
}

test("pauses double up to a minute", () => {
  const { limit, time } = limitOf();
  for (let guess = 0; guess < 5; guess += 1) assert.equal(limit.begin("192.0.2.1"), 0);
  const pauses: number[] = [];
  for (let guess = 0; guess < 9; guess += 1) {
    const pause = limit.begin("192.0.2.1");
    pauses.push(pause / 1000);
    time.now += pause;
    assert.equal(limit.begin("192.0.2.1"), 0);
  }
  assert.deepEqual(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
});

test("whoever waits as long as told is let through, and nobody is told to wait for more than a minute", () => {
  const step = fc.record({
    address: fc.constantFrom("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", undefined),
    succeeds: fc.boolean(),
    passes: fc.integer({ min: -100_000, max: 100_000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { limit, time } = limitOf();
      for (const { address, succeeds, passes } of steps) {
        time.now += passes;
        const pause = limit.begin(address);
        assert.ok(pause >= 0 && pause <= 60_000, `${pause}`);
        time.now += pause;
        if (pause > 0) assert.equal(limit.begin(address), 0);
        if (succeeds) limit.succeeded(address);
      }
    }),
    { numRuns: loops(200) },
  );
});

test("addresses of one IPv6 network share their guesses", () => {
  const { limit } = limitOf();
  for (let guess = 0; guess < 5; guess += 1) limit.begin(`2001:db8::${guess}`);
  assert.ok(limit.begin("2001:db8::99") > 0);
  assert.equal(limit.begin("2001:db8:0:1::1"), 0);
});

test("guesses from ever new addresses are slowed down to one in five seconds together", () => {
  const { limit, time } = limitOf();
  let passed = 0;
  for (let address = 0; address < 36_000; address += 1) {
    if (limit.begin(`10.${address >> 16}.${(address >> 8) & 255}.${address & 255}`) === 0)
      passed += 1;
    time.now += 100;
  }
  // Sixty, and an hour of one in five seconds.
  assert.ok(passed <= 60 + 720 && passed >= 60 + 718, `${passed}`);
});

test("an address from which the right password came does not wait for strangers", () => {
  const { limit } = limitOf();
  limit.begin("192.0.2.1");
  limit.succeeded("192.0.2.1");
  for (let address = 0; address < 200; address += 1) limit.begin(`10.0.0.${address}`);
  assert.ok(limit.begin("10.1.0.1") > 0);
  assert.equal(limit.begin("192.0.2.1"), 0);
});

test("right passwords use nothing up, however many there are", () => {
  const { limit } = limitOf();
  for (let count = 0; count < 1000; count += 1) {
    assert.equal(limit.begin(`10.0.${count >> 8}.${count & 255}`), 0);
    limit.succeeded(`10.0.${count >> 8}.${count & 255}`);
  }
});

test("a clock that went back by a year makes nobody wait for it", () => {
  const time = new ManualTime();
  const { limit, time: wall } = limitOf({ now: time.clock.now() });
  for (let guess = 0; guess < 20; guess += 1) wall.now += limit.begin("192.0.2.1");
  wall.now -= 365 * 24 * 60 * 60_000;
  assert.equal(limit.begin("192.0.2.1"), 0);
});

test("half an hour without a guess is forgotten", () => {
  const { limit, time } = limitOf();
  for (let guess = 0; guess < 20; guess += 1) time.now += limit.begin("192.0.2.1");
  time.now += 31 * 60_000;
  for (let guess = 0; guess < 5; guess += 1) assert.equal(limit.begin("192.0.2.1"), 0);
});
