import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { renderMetrics } from "#api/metrics.ts";
import { loops } from "#test/loops.ts";
import { pythonPeer } from "#test/python-peer.ts";

const peer = await pythonPeer("prometheus");
const skip = peer.absent ?? false;
const program = fileURLToPath(new URL("parse_metrics.py", import.meta.url));

const time = fc.option(fc.nat(4_000_000_000_000), { nil: undefined });
const count = fc.nat(1000);
const name = fc.string({ unit: "binary" });
const anyFacts = fc.record({
  now: fc.nat(4_000_000_000_000),
  version: name,
  started: fc.nat(4_000_000_000_000),
  residentBytes: fc.nat(),
  openAlerts: fc.record({ error: count, warning: count }),
  plans: fc.uniqueArray(
    fc.record({ plan: name, nextRun: time, lastDuration: time, failures: count }),
    { selector: ({ plan }) => plan.toWellFormed(), maxLength: 4 },
  ),
  copies: fc.uniqueArray(
    fc.record({ plan: name, location: name, lastGood: time, bytes: time, count, failures: count }),
    {
      selector: ({ plan, location }) => `${plan.toWellFormed()}\0${location.toWellFormed()}`,
      maxLength: 6,
    },
  ),
});

test("Prometheus' own parser reads every metric and label back as it was", { skip }, () => {
  const property = fc.property(anyFacts, (facts) => {
    const printed = execFileSync(peer.python ?? "", [program], { input: renderMetrics(facts) });
    const samples = JSON.parse(printed.toString()) as [string, Record<string, string>, number][];
    const valuesOf = (metric: string) =>
      samples
        .filter(([found]) => found === metric)
        .map(([, labels, value]) => ({ ...labels, value }));
    assert.deepEqual(valuesOf("safehouse_build_info"), [
      { version: facts.version.toWellFormed(), value: 1 },
    ]);
    assert.deepEqual(
      valuesOf("safehouse_consecutive_run_failures"),
      facts.plans.map(({ plan, failures }) => ({ plan: plan.toWellFormed(), value: failures })),
    );
    assert.deepEqual(
      valuesOf("safehouse_last_good_backup_size_bytes"),
      facts.copies.flatMap(({ plan, location, bytes }) =>
        bytes === undefined
          ? []
          : [{ plan: plan.toWellFormed(), location: location.toWellFormed(), value: bytes }],
      ),
    );
  });
  fc.assert(property, { numRuns: loops(30) });
});
