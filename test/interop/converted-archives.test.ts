import assert from "node:assert/strict";
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { openArchive } from "#archive/read/open-archive.ts";
import { PasswordKeys } from "#format/securetar/password-keys.ts";
import { entriesOf } from "#test/archive-entries.ts";
import { sampleData } from "#test/compressible-data.ts";
import { officialSoftware, oldOfficialSoftware } from "#test/official-software.ts";
import { bufferSource } from "#test/sample-archive.ts";
import { Bench } from "#test/safehouse.ts";

const official = await officialSoftware();
const version1 = await oldOfficialSoftware();
const [old, next] = ["correct horse", "battery staple"];

/** What makes the archive that is converted. */
const makers = {
  plain: (home: string, file: string) => official.use().make(home, file, { form: "plain" }),
  v1: (home: string, file: string) =>
    version1.use().make(home, file, { password: old, compressed: true }),
  "v1, uncompressed": (home: string, file: string) =>
    version1.use().make(home, file, { password: old, compressed: false }),
  v2: (home: string, file: string) =>
    official.use().make(home, file, { form: "v2", password: old }),
  v3: (home: string, file: string) =>
    official.use().make(home, file, { form: "v3", password: old }),
} as const;

for (const [from, make] of Object.entries(makers)) {
  for (const to of ["plain", "2", "3"] as const) {
    if (from === to) continue;
    const skip = official.skip || (from.startsWith("v1") && version1.skip);
    test(`securetar reads what was converted from ${from} to ${to}`, { skip }, async () => {
      using bench = new Bench("no home");
      const home = smallHome(join(bench.folder, "home"));
      const [source, file] = [join(bench.folder, "source.tar"), join(bench.folder, "new.tar")];
      await make(home, source);
      if (from !== "plain") bench.env["SAFEHOUSE_PASSWORD"] = old;
      bench.env["SAFEHOUSE_NEW_PASSWORD"] = next;
      const command = to === "plain" ? ["decrypt"] : ["encrypt", "--securetar", to];
      await bench.json("archive", ...command, source, file);

      const archive = await openArchive(bufferSource(await readFile(source)));
      const expected = await entriesOf(archive, new PasswordKeys(old));
      const password = to === "plain" ? {} : { password: next };
      for (const stream of [false, true]) {
        const { parts, metadata } = await official.use().list(file, { ...password, stream });
        assert.deepEqual(parts, expected);
        assert.equal(metadata["protected"], to !== "plain");
      }
    });
  }
}

function smallHome(home: string): string {
  const files = {
    "config/automations.yaml": "- alias: Lights\n".repeat(5000),
    "config/large.bin": sampleData("mixed", 1_500_001),
    "config/empty": "",
    "share/Übersicht.txt": "notes",
    "addons/local/mine/config.yaml": "slug: mine",
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), content);
  }
  symlinkSync("automations.yaml", join(home, "config/current.yaml"));
  linkSync(join(home, "config/automations.yaml"), join(home, "config/second.yaml"));
  return home;
}
