import { strict as assert } from "node:assert";
import { test } from "node:test";
import { rangeWanted } from "./byte-range.ts";

test("single ranges are understood as RFC 9110 has them", () => {
  const cases: Record<string, ReturnType<typeof rangeWanted>> = {
    "bytes=0-499": { offset: 0, length: 500 },
    "bytes=500-": { offset: 500, length: 500 },
    "bytes=-300": { offset: 700, length: 300 },
    "bytes=-5000": { offset: 0, length: 1000 },
    "bytes=999-5000": { offset: 999, length: 1 },
    "Bytes=0-0": { offset: 0, length: 1 },
    "bytes=1000-": "unsatisfiable",
    "bytes=-0": "unsatisfiable",
    "bytes=99999999999999999999-": "unsatisfiable",
  };
  for (const [header, range] of Object.entries(cases))
    assert.deepEqual(rangeWanted(header, 1000), range, header);
  assert.equal(rangeWanted("bytes=-5", 0), "unsatisfiable");
});

test("what is no single range is answered with the whole", () => {
  for (const header of [
    undefined,
    "",
    "bytes=",
    "bytes=-",
    "bytes=5-3",
    "bytes=0-1,3-4",
    "lines=0-1",
    "bytes=a-b",
    "bytes=0x1-",
  ])
    assert.equal(rangeWanted(header, 1000), undefined, header ?? "none");
});
