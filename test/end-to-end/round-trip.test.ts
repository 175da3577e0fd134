import assert from "node:assert/strict";
import { test } from "node:test";
import { damageHome } from "#test/damage-home.ts";
import { readDatabase } from "#test/database-rows.ts";
import { Bench, documentOf, describe } from "#test/safehouse.ts";
import { samePicture } from "#test/same-picture.ts";
import { sourcePicture } from "#test/source-picture.ts";
import { pictureOf } from "#test/tree-picture.ts";

const password = "correct horse battery staple";
const kinds: Readonly<Record<string, { readonly flags: string[]; readonly protected: boolean }>> = {
  "encrypted with version 3": { flags: [], protected: true },
  "encrypted with version 2": { flags: ["--securetar", "2"], protected: true },
  plain: { flags: [], protected: false },
  uncompressed: { flags: ["--uncompressed"], protected: false },
};
const states = "SELECT * FROM states";
const devices = "SELECT * FROM devices";

for (const [kind, { flags, protected: isProtected }] of Object.entries(kinds)) {
  test(`a home comes back from a backup that is ${kind}, and an undo takes that back`, async () => {
    using bench = new Bench();
    if (isProtected) bench.env["SAFEHOUSE_PASSWORD"] = password;
    const source = { picture: sourcePicture(bench.home), databases: databasesIn(bench.home) };

    const made = await bench.json("backups", "new", "--name", "Before", ...flags);
    const slug = made.text("slug");
    assert.equal(made.at("status"), "complete");
    assert.equal(made.at("verified", "verdict"), "proven");
    await listedAndVerified(bench, slug, isProtected);
    samePicture(sourcePicture(bench.home), source.picture, "a backup changes nothing");

    damageHome(bench.home);
    const damaged = pictureOf(bench.home);
    const restored = await bench.json("backups", "restore", slug);
    assert.deepEqual(
      restored.list("parts").flatMap((part) => part.list("notes").map((note) => note.at("path"))),
      ["data/www/dangling", "data/www/media"],
      "only links to the outside need a look",
    );
    assert.deepEqual(databasesIn(bench.home), source.databases);
    samePicture(sourcePicture(bench.home), source.picture);

    await bench.json("restore", "undo");
    samePicture(pictureOf(bench.home), damaged);
  });
}

test("what no backup can hold is named, and everything else is in it", async () => {
  using bench = new Bench({ special: true });
  const outcome = await bench.run("backups", "new", "--json");
  assert.equal(outcome.code, 3, describe(outcome));
  const document = documentOf(outcome);
  assert.equal(document.at("status"), "warnings");
  const notes = document.list("parts").flatMap((part) => part.list("notes"));
  assert.deepEqual(
    notes.map((note) => [note.at("path"), note.at("problem")]),
    [
      ["data/a socket", "special"],
      ["data/pipe", "special"],
    ],
  );
  assert.equal(document.at("verified", "verdict"), "proven");
});

async function listedAndVerified(bench: Bench, slug: string, isProtected: boolean): Promise<void> {
  const [listed, ...others] = (await bench.json("backups", "list")).list("backups");
  assert.equal(others.length, 0);
  const info = await bench.json("backups", "info", slug);
  const { copies, silent, ...told } = info.value as Readonly<Record<string, unknown>>;
  assert.deepEqual(told, listed?.value);
  assert.deepEqual([(copies as unknown[]).length, silent], [1, []]);
  assert.equal(info.at("name"), "Before");
  assert.equal(info.at("protected"), isProtected);
  assert.equal(info.at("homeassistant", "version"), "2026.8.1");
  assert.equal(info.at("verification", "verdict"), "proven");
  const verified = await bench.json("backups", "verify", slug);
  assert.equal(verified.at("verdict"), "proven");
}

function databasesIn(home: string): unknown {
  return [
    readDatabase(`${home}/config/home-assistant_v2.db`, states),
    readDatabase(`${home}/config/zigbee.db`, devices),
  ];
}
