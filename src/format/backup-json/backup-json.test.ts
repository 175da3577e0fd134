import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { SafehouseError } from "#core/model/problem.ts";
import { backupSlug } from "./backup-slug.ts";
import { defaultFileName } from "./default-file-name.ts";
import { encodeBackupJson, type NewBackup, rewriteBackupJson } from "./encode-backup-json.ts";
import { parseBackupJson } from "./parse-backup-json.ts";

const loops = Number(process.env["SAFEHOUSE_TEST_LOOPS"] ?? 1);

const least = {
  slug: "7fed74c8",
  name: "Example",
  date: "2024-11-21T17:58:38.135597+00:00",
  type: "partial",
};

function parse(document: unknown) {
  const text = typeof document === "string" ? document : JSON.stringify(document);
  return parseBackupJson(Buffer.from(text));
}

const otherKeys = [
  "version",
  "compressed",
  "protected",
  "homeassistant",
  "folders",
  "addons",
  "repositories",
  "extra",
  "supervisor_version",
  "__proto__",
  "toString",
];

/** The problem and message that the document leads to. */
function faultOf(document: unknown): string {
  try {
    parse(document);
  } catch (error) {
    if (error instanceof SafehouseError) return `${error.problem}: ${error.message}`;
    throw error;
  }
  return assert.fail("was accepted");
}

describe("parseBackupJson", () => {
  test("fills in what the least document leaves out", () => {
    assert.deepEqual(parse(least), {
      ...least,
      version: 1,
      compressed: true,
      protected: false,
      supervisorVersion: undefined,
      homeassistant: undefined,
      folders: [],
      addons: [],
      repositories: [],
      extra: {},
      raw: least,
    });
  });

  test("reads a document of the Supervisor", () => {
    const { raw, ...read } = parse({
      ...least,
      version: 2,
      type: "full",
      supervisor_version: "2026.08.0",
      compressed: false,
      protected: true,
      homeassistant: { version: "2026.8.0", size: 0.0, exclude_database: true },
      folders: ["share", "addons/local"],
      addons: [{ slug: "core_mosquitto", name: "Mosquitto", version: "6.4.1", size: 0.5 }],
      repositories: ["core", "local"],
      extra: { instance_id: "1" },
      crypto: null,
    });
    assert.deepEqual(read, {
      ...least,
      version: 2,
      type: "full",
      supervisorVersion: "2026.08.0",
      compressed: false,
      protected: true,
      homeassistant: { version: "2026.8.0", excludeDatabase: true },
      folders: ["share", "addons/local"],
      addons: [{ slug: "core_mosquitto", name: "Mosquitto", version: "6.4.1", size: 0.5 }],
      repositories: ["core", "local"],
      extra: { instance_id: "1" },
    });
    assert.equal(raw["crypto"], null);
  });

  test("reads a document of Core, which has no folders, add-ons or Supervisor", () => {
    const read = parse({
      ...least,
      version: 2,
      compressed: true,
      protected: false,
      homeassistant: { version: "2026.8.0", exclude_database: false },
      extra: { with_automatic_settings: true },
    });
    assert.deepEqual(read.homeassistant, { version: "2026.8.0", excludeDatabase: false });
    assert.deepEqual(read.folders, []);
  });

  test("takes the configuration folder of version 1 for Home Assistant", () => {
    const versionOne = { ...least, folders: ["ssl", "homeassistant"], protected: "8" };
    const read = parse({ ...versionOne, homeassistant: { version: null, port: 8123 } });
    assert.deepEqual(read.homeassistant, { version: undefined, excludeDatabase: false });
    assert.deepEqual(read.folders, ["ssl"]);
    assert.equal(read.protected, true);
    assert.equal(parse({ ...versionOne, protected: null }).protected, false);
    const without = parse({ ...least, folders: ["ssl"], homeassistant: { version: "2021.8.0" } });
    assert.equal(without.homeassistant, undefined);
  });

  test("takes Home Assistant without a version for not included", () => {
    for (const homeassistant of [null, {}, { version: null }]) {
      assert.equal(parse({ ...least, version: 2, homeassistant }).homeassistant, undefined);
    }
  });

  test("reads the newer spelling of the local add-ons folder, and each folder once", () => {
    const folders = ["apps/local", "addons/local", "media", "media"];
    assert.deepEqual(parse({ ...least, version: 2, folders }).folders, ["addons/local", "media"]);
  });

  test("lets the last of equal keys win and keeps what it does not know", () => {
    const read = parse(
      `{"name":"first","docker":{},"future":[1],${JSON.stringify(least).slice(1)}`,
    );
    assert.equal(read.name, "Example");
    assert.deepEqual(read.raw["future"], [1]);
  });

  test("is lenient about booleans and versions", () => {
    const wordy = { ...least, version: "2", compressed: "No", supervisor_version: 2022 };
    const read = parse({ ...wordy, homeassistant: { version: "2026.8.0", exclude_database: 1 } });
    assert.deepEqual(
      [read.version, read.compressed, read.supervisorVersion, read.homeassistant?.excludeDatabase],
      [2, false, "2022", true],
    );
  });

  test("tells an unknown version from a document that is none", () => {
    assert.match(faultOf({ ...least, version: 3 }), /^unknown-version: .* 3;/);
    assert.match(faultOf({ ...least, version: "new" }), /^not-a-backup: .*"version"/);
  });

  test("names the key that is wrong", () => {
    const addon = { slug: "a", name: "A", version: "1" };
    const wrong: [document: unknown, message: RegExp][] = [
      ["{", /it is not JSON/],
      ["[]", /not a JSON object/],
      [`{"a":${"[".repeat(200)}`, /nested too deeply/],
      [{ ...least, name: undefined }, /"name" is missing/],
      [{ ...least, date: 5 }, /"date" is not a text/],
      [{ ...least, type: "half" }, /"type" is neither/],
      [{ ...least, slug: "../../etc" }, /"slug" is not made of/],
      [{ ...least, slug: "7fed74c8\n" }, /"slug" is not made of/],
      [{ ...least, compressed: "maybe" }, /"compressed"/],
      [{ ...least, folders: "share" }, /"folders" is not a list/],
      [{ ...least, folders: ["etc"] }, /"folders" has the unknown folder "etc"/],
      [{ ...least, folders: [5] }, /"folders.0" is not a text/],
      [{ ...least, extra: [] }, /"extra" is not an object/],
      [{ ...least, homeassistant: "2021" }, /"homeassistant" is not an object/],
      [{ ...least, addons: [addon, 5] }, /"addons.1" is not an object/],
      [{ ...least, addons: [{ ...addon, slug: ".." }] }, /"addons.0.slug" is not the slug/],
      [{ ...least, addons: [{ ...addon, slug: "a/b" }] }, /"addons.0.slug" is not the slug/],
      [{ ...least, addons: [{ ...addon, version: null }] }, /"addons.0.version" is missing/],
      [{ ...least, addons: [{ ...addon, size: { valueOf: 1 } }] }, /"addons.0.size"/],
      [{ ...least, addons: [addon, addon] }, /"addons" names an add-on twice/],
    ];
    for (const [document, message] of wrong) {
      assert.match(faultOf(document), /^not-a-backup: /);
      assert.match(faultOf(document), message);
    }
  });

  test("takes a byte order mark, and no other encoding than UTF-8", () => {
    assert.equal(parse(`\ufeff${JSON.stringify(least)}`).name, "Example");
    const latin1 = Buffer.from(JSON.stringify({ ...least, name: "ü" }), "latin1");
    assert.throws(() => parseBackupJson(latin1), { problem: "not-a-backup", message: /not UTF-8/ });
  });

  test("refuses what is too large before it parses it", () => {
    assert.match(faultOf(`{"name":"${"x".repeat(5_000_000)}"}`), /bytes are too many/);
  });

  test("answers whatever bytes with a backup or a problem", () => {
    const answers = (bytes: Uint8Array) => {
      try {
        parseBackupJson(bytes);
      } catch (error) {
        assert.ok(error instanceof SafehouseError, String(error));
      }
    };
    const key = fc.constantFrom(...Object.keys(parse(least).raw), ...otherKeys);
    const almost = fc
      .array(fc.tuple(key, fc.jsonValue()), { maxLength: 4 })
      .map((changes) => JSON.stringify({ ...least, ...Object.fromEntries(changes) }));
    const text = fc.oneof(almost, fc.json(), fc.string()).map((json) => Buffer.from(json));
    fc.assert(fc.property(fc.oneof(text, fc.uint8Array()), answers), { numRuns: 2000 * loops });
  });
});

const backup: NewBackup = {
  slug: "7fed74c8",
  name: "Größe ☕",
  date: "2026-08-20T04:51:12.345678+00:00",
  type: "partial",
  compressed: true,
  protected: true,
  homeassistant: { version: "2026.8.0", excludeDatabase: false },
  folders: ["share", "addons/local"],
  addons: [{ slug: "core_mosquitto", name: "Mosquitto", version: "6.4.1", size: 0 }],
  repositories: ["core"],
  extra: { instance_id: "1" },
};

describe("encodeBackupJson", () => {
  test("writes every key of the Supervisor, compact", () => {
    assert.equal(
      Buffer.from(encodeBackupJson(backup)).toString(),
      '{"version":2,"slug":"7fed74c8","name":"Größe ☕","date":"2026-08-20T04:51:12.345678+00:00",' +
        '"type":"partial","supervisor_version":"2022.08.3","compressed":true,"protected":true,' +
        '"homeassistant":{"version":"2026.8.0","size":0,"exclude_database":false},' +
        '"folders":["share","addons/local"],' +
        '"addons":[{"slug":"core_mosquitto","name":"Mosquitto","version":"6.4.1","size":0}],' +
        '"repositories":["core"],"extra":{"instance_id":"1"}}',
    );
  });

  test("writes what is read back the same", () => {
    const { raw, ...read } = parseBackupJson(encodeBackupJson(backup));
    assert.deepEqual(read, { ...backup, version: 2, supervisorVersion: "2022.08.3" });
    assert.equal(raw["version"], 2);
    const without = parseBackupJson(encodeBackupJson({ ...backup, homeassistant: undefined }));
    assert.equal(without.homeassistant, undefined);
    assert.equal(without.raw["homeassistant"], null);
  });
});

describe("rewriteBackupJson", () => {
  test("changes what it is told and keeps everything else", () => {
    const raw = parse(
      `{"future":{"a":[1]},"__proto__":{"b":1},${JSON.stringify(least).slice(1)}`,
    ).raw;
    const again = parseBackupJson(rewriteBackupJson(raw, { protected: true })).raw;
    assert.deepEqual(Object.entries(again), [...Object.entries(raw), ["protected", true]]);
    assert.ok(Object.hasOwn(again, "__proto__"));
    const extra = { safehouse: { files: 3 } };
    assert.deepEqual(
      parseBackupJson(rewriteBackupJson(raw, { protected: false, extra })).extra,
      extra,
    );
  });
});

describe("backupSlug", () => {
  test("is the one that Home Assistant gives", () => {
    assert.equal(backupSlug(least.date, "Example"), "7fed74c8");
    assert.equal(backupSlug(least.date, "EXAMPLE"), "7fed74c8");
  });
});

describe("defaultFileName", () => {
  const date = "2026-08-20T04:51:12.345678+02:00";

  test("is the one that Home Assistant gives", () => {
    assert.equal(
      defaultFileName({ slug: "a", name: "Automatic backup 2026.8.0", date }),
      "Automatic_backup_2026.8.0_2026-08-20_04.51_12345678.tar",
    );
    assert.equal(defaultFileName({ slug: "a", name: "", date }), "2026-08-20_04.51_12345678.tar");
    assert.equal(
      defaultFileName({ slug: "a", name: " x  y ", date: "2026-08-20 04:51" }),
      "x_y_2026-08-20_04.51_00000000.tar",
    );
  });

  test("is the slug if the date says nothing", () => {
    assert.equal(
      defaultFileName({ slug: "7fed74c8", name: "x", date: "yesterday" }),
      "7fed74c8.tar",
    );
  });

  test("is safe on every file system, whatever the name", () => {
    const name = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({
        unit: fc.constantFrom("/", "\\", ".", "\0", "\n", "\ud800", "\u202e", ":", "☕"),
      }),
      fc.string({ unit: "grapheme", minLength: 150, maxLength: 400 }),
    );
    fc.assert(
      fc.property(name, (text) => {
        const fileName = defaultFileName({ slug: "7fed74c8", name: text, date });
        assert.doesNotMatch(fileName, /[/\\\p{Cc}\u202e:*?"<>|\s]/u);
        assert.doesNotMatch(fileName, /^\./);
        assert.ok(fileName.isWellFormed());
        assert.ok(Buffer.byteLength(fileName) <= 200);
        assert.ok(fileName.endsWith("2026-08-20_04.51_12345678.tar"));
      }),
      { numRuns: 1000 * loops },
    );
  });
});
