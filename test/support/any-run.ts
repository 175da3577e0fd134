import fc from "fast-check";
import type { Run, RunOwner } from "#core/model/run.ts";
import { newRun } from "#core/run/new-run.ts";
import type { RunEvent } from "#core/run/run-event.ts";

export const someOwner: RunOwner = { pid: 7, start: "100", boot: "boot", space: "space" };

const error = { problem: "unreachable", message: "The place does not answer" } as const;

const shape = {
  id: fc.stringMatching(/^[0-9a-f]{32}$/),
  created: fc.nat(1000),
  deliverTo: fc.subarray(["nas", "cloud", "disk"]),
  verify: fc.boolean(),
  pruneAt: fc.subarray(["here", "nas", "cloud"]),
};
const request = { home: "home", trigger: { kind: "manual" }, owner: someOwner } as const;

/** Runs that make something, none of them begun. */
export const anyMakingRun: fc.Arbitrary<Run> = fc
  .record(shape)
  .map((some) => newRun({ ...request, ...some, makeAt: "here" }));

/** Runs that only deliver, verify or prune. */
export const anyRunWithoutMake: fc.Arbitrary<Run> = fc
  .record({ ...shape, pruneAt: fc.subarray(["here", "nas", "cloud"], { minLength: 1 }) })
  .map((some) => newRun({ ...request, ...some, makeAt: undefined }));

/** Runs of every shape, none of them begun. */
export const anyRun: fc.Arbitrary<Run> = fc.oneof(anyMakingRun, anyRunWithoutMake);

const step = fc.nat(9);
const at = fc.nat(5000);

/** Events in any order, sensible or not. */
export const anyEvents: fc.Arbitrary<RunEvent[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant("started"), step, at }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant("done"), step, at }) },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("failed"),
        step,
        at,
        error: fc.constant(error),
        retryAt: fc.option(at, { nil: undefined }),
      }),
    },
    fc.record({ kind: fc.constant("logged"), step, at, text: fc.string() }),
    fc.record({
      kind: fc.constant("progressed"),
      step,
      progress: fc.record({ step: fc.constant("backup"), bytes: at, totalBytes: at }),
    }),
    fc.record({
      kind: fc.constant("made-elsewhere"),
      location: fc.constantFrom("here", "nas", "cloud"),
    }),
    fc.record({ kind: fc.constant("stopped"), step, at }),
    fc.record({ kind: fc.constant("cancel-asked"), at }),
    fc.record({
      kind: fc.constant("owner-died"),
      at,
      made: fc.boolean(),
      aftermath: fc.constant({ here: "its leftovers were removed" }),
    }),
    fc.record({ kind: fc.constant("adopted"), at, owner: fc.constant(someOwner) }),
    fc.record({ kind: fc.constant("abandoned"), at }),
  ),
  { maxLength: 40 },
) as fc.Arbitrary<RunEvent[]>;
