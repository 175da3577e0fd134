import { strict as assert } from "node:assert";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { loops } from "#test/loops.ts";
import { bigBody } from "#test/places/big-body.ts";
import { deliverAlone } from "#test/places/deliver-alone.ts";
import { faultProxy } from "#test/places/fault-proxy.ts";
import { lineFor } from "#test/places/line-for.ts";
import {
  resumablePlaces,
  type ResumablePlace,
  type ServedPlace,
} from "#test/places/resumable-places.ts";

/** Of an archive: 200 MB, and 5 GB in long runs. */
const size = loops(1) > 1 ? 5_000_000_000 : 200_000_000;
const fileName = "Automatic_backup_2026.11_2026-11-23_04.45_00000000.tar";
/** Another one for each run, so that in time much is tried; a run that fails tells it. */
const seed = Number(process.env["SAFEHOUSE_TEST_SEED"] ?? Date.now() % 1e6);

for (const place of resumablePlaces) {
  test(`${place.kind}: an archive gets through resets, 503s, stalls, slow lines and half-written replies (seed ${seed})`, async (context) => {
    const served = await serveFor(context, place);
    if (served === undefined) return;
    const proxy = await faultProxy(served.port, { speaks: place.speaks, seed });
    context.after(() => proxy[Symbol.asyncDispose]());
    const order = await orderFor(context, place, served.settings(proxy.port));
    const began = performance.now();
    const { outcome } = deliverAlone({ ...order, puts: 20 });
    const { isThere, failures, peakBytes } = await outcome;
    const facts = JSON.stringify({ ...proxy.faults(), failures, seed });
    const ratio = proxy.sentBytes / size;
    const seconds = (performance.now() - began) / 1000;
    context.diagnostic(
      `${place.kind}: ${ratio.toFixed(3)} x ${size / 1e6} MB, ${(peakBytes / 1e6).toFixed()} MB in memory, ${seconds.toFixed()} s, ${facts}`,
    );
    assert.ok(isThere, facts);
    assert.ok(ratio < 1.3, `${ratio} times the size was sent: ${facts}`);
    assert.ok(peakBytes < 250e6, `${peakBytes} bytes in memory`);
    await isWhole(served);
  });

  test(`${place.kind}: an archive that is cut at 90 % goes on in another process with the rest alone`, async (context) => {
    const served = await serveFor(context, place);
    if (served === undefined) return;
    const line = await lineFor(context, served.port);
    const order = await orderFor(context, place, served.settings(line.port));
    line.passesUp = size * 0.9;
    const first = deliverAlone(order);
    while (line.cuts === 0) await pause(5);
    line.fallSilent();
    await first.kill();
    line.speakAgain();
    const before = line.sentBytes;
    const { isThere, failures } = await deliverAlone(order).outcome;
    const rest = line.sentBytes - before;
    context.diagnostic(`${place.kind}: ${rest / 1e6} MB of ${size / 1e6} were sent again`);
    assert.ok(isThere, failures.join());
    assert.ok(rest < size * 0.1 + place.unsureBytes * 1.1, `${rest} bytes were sent`);
    await isWhole(served);
  });
}

async function serveFor(
  context: TestContext,
  place: ResumablePlace,
): Promise<ServedPlace | undefined> {
  const served = await place.serve();
  if (typeof served === "string") return void context.skip(served);
  context.after(() => served[Symbol.asyncDispose]());
  return served;
}

async function orderFor(
  context: TestContext,
  { kind }: ResumablePlace,
  settings: ReturnType<ServedPlace["settings"]>,
) {
  const state = await mkdtemp(join(tmpdir(), "safehouse-faults-"));
  context.after(() => rm(state, { recursive: true }));
  return { kind, settings, fileName, size, state, stallSeconds: 3, puts: 4 };
}

/** What the server keeps is the archive, and nothing else is to be seen there. */
async function isWhole({ folder }: ServedPlace): Promise<void> {
  const names = await readdir(folder);
  assert.deepEqual(
    names.filter((name) => !name.startsWith(".")),
    [fileName],
  );
  assert.equal(
    await hashOf(createReadStream(join(folder, fileName))),
    await hashOf(bigBody(size)),
    "other bytes are there",
  );
}

async function hashOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const some of bytes) hash.update(some);
  return hash.digest("hex");
}
