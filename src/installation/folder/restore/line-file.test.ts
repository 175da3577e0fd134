import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { LineFile, readLines } from "./line-file.ts";

test("what is written comes back, without what was taken back to a mark", () => {
  const folder = mkdtempSync(join(tmpdir(), "safehouse-lines-"));
  const action = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60_000 }),
    fc.constantFrom("mark" as const, "rewind" as const),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
      const marks: [place: number, count: number][] = [[0, 0]];
      let expected: string[] = [];
      {
        using file = new LineFile(`${folder}/list`);
        for (const text of actions) {
          const [place, count] = marks.at(-1) ?? [0, 0];
          if (text === "mark") marks.push([file.mark(), expected.length]);
          else if (text === "rewind") {
            file.rewind(place);
            expected = expected.slice(0, count);
            if (marks.length > 1) marks.pop();
          } else {
            file.write({ text });
            expected.push(text);
          }
        }
        file.sync();
      }
      assert.deepEqual(
        [...readLines(`${folder}/list`)],
        expected.map((text) => ({ text })),
      );
    }),
  );
  rmSync(folder, { recursive: true });
});
