import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { loops } from "#test/loops.ts";
import { noRsync } from "#test/places/rsyncd.ts";
import { onlyIn, onlyThese } from "./pattern.ts";

const name = fc
  .string({
    unit: fc.constantFrom(..."a * ? [ ] \\ - + ! # : ; . ü".split(" "), " "),
    minLength: 1,
    maxLength: 5,
  })
  .filter((text) => text !== "." && text !== "..");
const key = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));

test(
  "a filter lets through the one file that is meant, and no other",
  { skip: noRsync },
  async () => {
    const property = fc.asyncProperty(
      fc.uniqueArray(key, { minLength: 2, maxLength: 12 }),
      async (keys) => {
        const home = await mkdtemp(join(tmpdir(), "safehouse-pattern-"));
        try {
          const made: string[] = [];
          for (const one of keys) {
            try {
              await mkdir(dirname(join(home, "from", one)), { recursive: true });
              await writeFile(join(home, "from", one), "x");
              made.push(one);
            } catch (error) {
              // One key is a folder of another: then it is no file.
              assert.ok(error instanceof Error && "code" in error);
            }
          }
          const [wanted = ""] = made;
          const fetch = (filters: readonly string[], to: string): void =>
            void execFileSync("rsync", ["-r", ...filters, `${home}/from/`, `${home}/${to}/`]);
          fetch(onlyThese([wanted]), "one");
          assert.deepEqual(await filesIn(join(home, "one")), [wanted]);
          const folder = wanted.slice(0, wanted.lastIndexOf("/") + 1);
          if (folder === "") return;
          fetch(onlyIn(folder), "folder");
          const inside = made.filter(
            (one) => one.startsWith(folder) && !one.includes("/", folder.length),
          );
          assert.deepEqual(await filesIn(join(home, "folder")), inside.toSorted());
        } finally {
          await rm(home, { recursive: true });
        }
      },
    );
    await fc.assert(property, { numRuns: loops(30) });
  },
);

async function filesIn(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .toSorted();
}
