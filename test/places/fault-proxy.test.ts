import { strict as assert } from "node:assert";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { loops } from "#test/loops.ts";
import { deliverAlone } from "#test/places/deliver-alone.ts";
import { faultProxy } from "#test/places/fault-proxy.ts";
import { keepsOnly } from "#test/places/keeps-only.ts";
import { lineFor } from "#test/places/line-for.ts";
import { networkPlaces, type NetworkPlace } from "#test/places/network-places.ts";
import { servedFor } from "#test/places/served-for.ts";
import type { PlaceSettings } from "#storage/catalog.ts";

/** Of an archive: 200 MB, and 5 GB in long runs. */
const size = loops(1) > 1 ? 5_000_000_000 : 200_000_000;
const fileName = "Automatic_backup_2026.11_2026-11-23_04.45_00000000.tar";
/** A server puts 5 GB together in silence. */
const stallSeconds = loops(1) > 1 ? 20 : 3;
/** Another one for each run, so that in time much is tried; a run that fails tells it. */
const seed = Number(process.env["SAFEHOUSE_TEST_SEED"] ?? Date.now() % 1e6);

describe("an archive on its way", { concurrency: loops(1) > 1 ? 1 : 3 }, () => {
  for (const place of networkPlaces) {
    const { title, unsureBytes } = place;
    test(`${title}: it gets through resets, 503s, stalls, slow lines and half-written replies (seed ${seed})`, async (context) => {
      const served = await servedFor(context, place);
      if (served === undefined) return;
      const proxy = await faultProxy(served.port, { speaks: place.speaks, seed });
      context.after(() => proxy[Symbol.asyncDispose]());
      const order = await orderFor(context, place, await served.settings(proxy.port));
      const began = performance.now();
      const { isThere, failures, peakBytes } = await deliverAlone(order).outcome;
      const seconds = Math.round((performance.now() - began) / 1000);
      const ratio = Math.round((proxy.sentBytes / size) * 1000) / 1000;
      const facts = { ratio, seconds, peakBytes, ...proxy.faults(), failures };
      const told = `${title}, ${size / 1e6} MB, seed ${seed}: ${JSON.stringify(facts)}`;
      context.diagnostic(told);
      assert.ok(isThere, told);
      assert.ok(peakBytes < 250e6, told);
      // A short archive may meet more than its share of cuts, each of which can cost what was unsure.
      const byChance = loops(1) > 1 ? 0 : 4 * (unsureBytes ?? 0);
      if (unsureBytes !== undefined) assert.ok(proxy.sentBytes < size * 1.3 + byChance, told);
      await keepsOnly(served.folder, { fileName, size });
    });

    if (unsureBytes === undefined) continue;
    test(`${title}: cut at 90 %, it goes on in another process, which sends the rest alone`, async (context) => {
      const served = await servedFor(context, place);
      if (served === undefined) return;
      const line = await lineFor(context, served.port);
      const order = await orderFor(context, place, await served.settings(line.port));
      line.passesUp = size * 0.9;
      const first = deliverAlone(order);
      while (line.cuts === 0) await pause(5);
      line.fallSilent();
      await first.kill();
      line.speakAgain();
      const before = line.sentBytes;
      const { isThere, failures } = await deliverAlone(order).outcome;
      const rest = line.sentBytes - before;
      const told = `${title}: ${rest / 1e6} MB of ${size / 1e6} were sent then`;
      context.diagnostic(told);
      assert.ok(isThere, failures.join());
      assert.ok(rest < size * 0.1 + unsureBytes * 1.1, told);
      await keepsOnly(served.folder, { fileName, size });
    });
  }
});

async function orderFor(context: TestContext, { kind }: NetworkPlace, settings: PlaceSettings) {
  const state = await mkdtemp(join(tmpdir(), "safehouse-faults-"));
  context.after(() => rm(state, { recursive: true }));
  return { kind, settings, fileName, size, state, stallSeconds, puts: 20 };
}
