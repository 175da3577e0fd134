import assert from "node:assert/strict";
import { test } from "node:test";
import { backupJson, backupOf, configBackup, goodConfig, lastFile } from "#test/hostile-backup.ts";
import { HostileSandbox } from "#test/hostile-sandbox.ts";
import { base256, gzipOf, longName, paxMember, tarMember, tarOf } from "#test/hostile-tar.ts";

/** What of an archive as a whole is wrong, and with which exit code every way in refuses it. */
interface Case {
  readonly about: string;
  readonly archive: () => Buffer | Promise<Buffer>;
  readonly code: number;
  readonly message: RegExp;
}

const document = JSON.stringify(backupJson());
const metadata = { name: "./backup.json", content: document };
const good = { name: "homeassistant.tar.gz", content: gzipOf(tarOf([...goodConfig, lastFile])) };
/** A fault in the very first header makes the file something that is no tar. */
const first = { name: "./", type: "5" };
const json = (text: string | Buffer): Promise<Buffer> => backupOf({ json: Buffer.from(text) });
const changed = (changes: Record<string, unknown>): Promise<Buffer> =>
  configBackup([], { json: changes });

const damaged = 22;
const truncated = 23;
const notABackup = 24;
const unknownVersion = 25;

const cases: readonly Case[] = [
  { about: "nothing", archive: () => Buffer.alloc(0), code: truncated, message: /empty/ },
  {
    about: "zeros",
    archive: () => Buffer.alloc(1_000_000),
    code: notABackup,
    message: /backup.json/,
  },
  {
    about: "noise",
    archive: () => Buffer.alloc(100_000, "noise"),
    code: notABackup,
    message: /not an uncompressed tar/,
  },
  {
    about: "a compressed tar",
    archive: () => gzipOf(tarOf([metadata])),
    code: notABackup,
    message: /not an uncompressed tar/,
  },
  {
    about: "no backup.json",
    archive: () => tarOf([good]),
    code: notABackup,
    message: /no backup.json/,
  },
  {
    about: "a backup.json that is a link",
    archive: () => tarOf([good, { name: "./backup.json", type: "2", link: "/etc/passwd" }]),
    code: notABackup,
    message: /no backup.json/,
  },
  {
    about: "a member of 2^63 bytes",
    archive: () => tarOf([{ ...good, size: base256(2n ** 63n) }, metadata]),
    code: damaged,
    message: /no number|claims/,
  },
  {
    about: "a member of 2^95 bytes",
    archive: () => tarOf([first, { ...good, size: Buffer.alloc(12, 0xbf) }, metadata]),
    code: damaged,
    message: /no number/,
  },
  {
    about: "a member of -1 bytes",
    archive: () => tarOf([first, { ...good, size: Buffer.alloc(12, 0xff) }, metadata]),
    code: damaged,
    message: /claims -1 bytes/,
  },
  {
    about: "a member of 2^50 bytes",
    archive: () => tarOf([{ ...good, size: base256(2n ** 50n) }, metadata]),
    code: truncated,
    message: /before the end of "homeassistant/,
  },
  {
    about: "a member whose size is a text",
    archive: () => tarOf([{ ...good, size: Buffer.from("many bytes!\0") }, metadata]),
    code: damaged,
    message: /no number/,
  },
  {
    about: "a PAX size of 2^63 bytes",
    archive: () => tarOf([{ ...good, pax: { size: "9223372036854775808" } }, metadata]),
    code: damaged,
    message: /size/,
  },
  {
    about: "a PAX size below 0",
    archive: () => tarOf([{ ...good, pax: { size: "-512" } }, metadata]),
    code: damaged,
    message: /size/,
  },
  {
    about: "a PAX size that is a lie",
    archive: () => tarOf([{ ...good, pax: { size: "1024" } }, metadata]),
    code: damaged,
    message: /checksum/,
  },
  {
    about: "a PAX header of 10 MB",
    archive: () => tarOf([first, paxMember({ comment: "c".repeat(10_000_000) }), good, metadata]),
    code: damaged,
    message: /extended header of 100000\d\d bytes/,
  },
  {
    about: "a GNU name of 1 GB",
    archive: () =>
      tarOf([
        first,
        tarMember({ name: "././@LongLink", type: "L", content: "x", size: 1_000_000_000 }),
        good,
        metadata,
      ]),
    code: damaged,
    message: /extended header of 1000000000 bytes/,
  },
  {
    about: "a PAX record that ends in the next",
    archive: () =>
      tarOf([tarMember({ name: "pax", type: "x", content: "99 path=x\n9 a=b\n" }), good, metadata]),
    code: damaged,
    message: /PAX record/,
  },
  {
    about: "a PAX record of length 0",
    archive: () =>
      tarOf([tarMember({ name: "pax", type: "x", content: "0 path=x\n" }), good, metadata]),
    code: damaged,
    message: /PAX record/,
  },
  {
    about: "a global header that names everything",
    archive: () => tarOf([paxMember({ path: "../../x" }, "g"), good, metadata]),
    code: damaged,
    message: /global header/,
  },
  {
    about: "a wrong checksum",
    archive: () => tarOf([{ ...good, checksum: "000000\0 " }, metadata]),
    code: notABackup,
    message: /not an uncompressed tar/,
  },
  {
    about: "a long name and then nothing",
    archive: () => tarOf([good, longName("x".repeat(200))]),
    code: damaged,
    message: /header is missing/,
  },
  {
    about: "a backup.json of 100 MB",
    archive: () => json(Buffer.alloc(100_000_000, " ")),
    code: damaged,
    message: /claims 100000000 bytes/,
  },
  {
    about: "a backup.json of 5 MB",
    archive: () => json(`{"x":"${"y".repeat(5_000_000)}"}`),
    code: notABackup,
    message: /too many/,
  },
  {
    about: "a backup.json that is nested deeply",
    archive: () => json(`${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}`),
    code: notABackup,
    message: /nested too deeply/,
  },
  {
    about: "a backup.json that is no JSON",
    archive: () => json(`{"slug": `),
    code: notABackup,
    message: /not JSON/,
  },
  {
    about: "a backup.json that is no UTF-8",
    archive: () => json(Buffer.from([0x7b, 0xff, 0x7d])),
    code: notABackup,
    message: /not UTF-8/,
  },
  {
    about: "a backup.json that is a list",
    archive: () => json("[]"),
    code: notABackup,
    message: /not a JSON object/,
  },
  {
    about: "a backup.json of prototypes",
    archive: () => json(`{"__proto__":{"slug":"bad0bad0"},"constructor":1}`),
    code: notABackup,
    message: /"date"|"name"|"slug"/,
  },
  {
    about: "a slug that goes up",
    archive: () => changed({ slug: "../../x" }),
    code: notABackup,
    message: /"slug"/,
  },
  {
    about: "a slug that is the last of two",
    archive: () =>
      json(
        document.replace("{", `{"slug":"0badbad0",`).replace('"slug":"bad0bad0"', '"slug":"../x"'),
      ),
    code: notABackup,
    message: /"slug"/,
  },
  {
    about: "an add-on called ..",
    archive: () => changed({ addons: [{ slug: "..", name: "x", version: "1" }] }),
    code: notABackup,
    message: /addons\.0\.slug/,
  },
  {
    about: "an add-on called a/b",
    archive: () => changed({ addons: [{ slug: "a/b", name: "x", version: "1" }] }),
    code: notABackup,
    message: /addons\.0\.slug/,
  },
  {
    about: "an add-on that is a number",
    archive: () => changed({ addons: [7] }),
    code: notABackup,
    message: /addons\.0/,
  },
  {
    about: "a folder that is none",
    archive: () => changed({ folders: ["../etc"] }),
    code: notABackup,
    message: /unknown folder/,
  },
  {
    about: "a metadata version of the future",
    archive: () => changed({ version: 1e300 }),
    code: unknownVersion,
    message: /version/,
  },
  {
    about: "twenty thousand members",
    archive: () =>
      tarOf([...Array.from({ length: 20_000 }, (_, at) => ({ name: `${at}` })), metadata]),
    code: notABackup,
    message: /more than 10000 members/,
  },
];

for (const { about, archive, code, message } of cases) {
  test(`refused by every way in: ${about}`, async () => {
    using sandbox = new HostileSandbox(await archive());
    for (const [entrance, said] of Object.entries(await sandbox.enterAll("last.txt"))) {
      assert.equal(said.code, code, `${entrance}: ${said.out}${said.err}`);
      assert.match(said.err, message, entrance);
    }
    assert.deepEqual(sandbox.extracted(), []);
    const location = await sandbox.enter("location");
    assert.equal(location.code, 0);
  });
}

test("members whose names lead elsewhere are left alone and named", async () => {
  const evil = good.content;
  const names = [
    "../x.tar.gz",
    "...tar.gz",
    "..tar",
    ".tar.gz",
    "/abs.tar",
    "a/b.tar.gz",
    "a\\b.tar.gz",
    "\u001b[2J.tar.gz",
    "x\ny.tar",
    "passwd",
  ];
  using sandbox = new HostileSandbox(
    await configBackup([], { others: names.map((name) => ({ name, content: evil })) }),
  );
  const said = await sandbox.enterAll();
  for (const [entrance, { code, out, err }] of Object.entries(said))
    assert.equal(code, entrance === "verify" ? 3 : 0, `${entrance}: ${out}${err}`);
  for (const { out } of [said.list, said.verify]) {
    for (const name of ["../x.tar.gz", "...tar.gz", "..tar", ".tar.gz", "a/b.tar.gz", "passwd"])
      assert.ok(out.includes(name), name);
  }
  assert.deepEqual(
    new Set(sandbox.extracted().map((path) => path.split("/")[0])),
    new Set(["homeassistant"]),
  );
});

test("names that collide: folders as add-ons, both suffixes, two documents", async () => {
  const tar = tarOf([...goodConfig, lastFile]);
  const other = tarOf([
    { name: "data", type: "5" },
    { name: "data/last.txt", content: "the other one" },
  ]);
  const addon = gzipOf(
    tarOf([
      { name: "data", type: "5" },
      { name: "data/x", content: "x" },
    ]),
  );
  const others = [
    { name: "homeassistant.tar", content: other },
    { name: "share.tar.gz", content: addon },
    { name: "share.tgz", content: addon },
    { name: "./backup.json", content: "{}" },
  ];
  const addons = ["share", "homeassistant_x", "-", "..."].map((slug) => ({
    slug,
    name: slug,
    version: "1",
    size: 0,
  }));
  using sandbox = new HostileSandbox(
    await backupOf({
      inner: { "homeassistant.tar.gz": gzipOf(tar) },
      others,
      json: { addons, folders: ["share"] },
    }),
  );
  const said = await sandbox.enterAll();
  assert.equal(said.cat.out, lastFile.content, "the archive that fits `compressed` counts");
  assert.match(said.list.out, /Left alone: homeassistant.tar /);
  assert.equal(said.extract.code, 0, said.extract.out + said.extract.err);
  assert.equal(said.restore.code, 3, said.restore.out + said.restore.err);
  assert.match(said.restore.out, /homeassistant_x: skipped/);
});

test("texts in backup.json do not steer the terminal, whatever their length", async () => {
  const evil = "\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e\r\n\u2028";
  const json = {
    name: evil + "n".repeat(1_000_000),
    date: evil,
    homeassistant: { version: evil },
    addons: [{ slug: "x", name: evil, version: evil }],
  };
  using sandbox = new HostileSandbox(await configBackup([], { json }));
  await sandbox.enterAll();
  assert.equal((await sandbox.enter("location")).code, 0);
});

test("notes of ours that a stranger wrote", async () => {
  const sealed = { salt: "", nonce: "", data: "" };
  const values: unknown[] = [
    null,
    7,
    [],
    { rules: 7 },
    { rules: [7] },
    { sealed: null },
    { sealed },
    { sealed: 7 },
    { parts: 7, rules: ["[", "a{b,c}"] },
    { rules: [`${"{a,b}".repeat(30)}`] },
    { rules: Array.from({ length: 200_000 }, () => "*a*a*a*") },
  ];
  for (const value of values) {
    using sandbox = new HostileSandbox(
      await configBackup([], { json: { extra: { safehouse: value } } }),
    );
    await sandbox.enterAll("last.txt", [
      "files",
      "verify",
      "extract",
      "decrypt",
      "dry-run",
      "restore",
    ]);
  }
});

test("headers cut anywhere are told as such", async () => {
  const whole = await configBackup([
    { name: "x", pax: { path: `data/${"long/".repeat(40)}x` }, content: "y".repeat(2000) },
  ]);
  using sandbox = new HostileSandbox();
  const borders = Array.from({ length: Math.ceil(whole.length / 512) }, (_, at) => at * 512);
  for (const cut of borders
    .flatMap((at) => [at, at + 1, at + 257, at + 511])
    .filter((at) => at < whole.length)) {
    sandbox.put(whole.subarray(0, cut));
    const { code } = await sandbox.enter("verify");
    assert.ok([0, 3, damaged, truncated, notABackup].includes(code), `cut at ${cut}: ${code}`);
    if (cut <= whole.length - 1024)
      assert.ok([truncated, notABackup, damaged].includes(code), `cut at ${cut}: ${code}`);
  }
});

test("an inner archive cut anywhere is damaged or truncated, and gives what stands before", async () => {
  const plain = tarOf([...goodConfig, { name: "data/big", content: "b".repeat(3000) }, lastFile]);
  for (const inner of [plain, gzipOf(plain)]) {
    for (let cut = 1; cut < inner.length - 1024; cut += inner === plain ? 500 : 37) {
      const member = inner === plain ? "homeassistant.tar" : "homeassistant.tar.gz";
      using sandbox = new HostileSandbox(
        await backupOf({
          inner: { [member]: inner.subarray(0, cut) },
          json: { compressed: inner !== plain },
        }),
      );
      const said = await sandbox.enterAll("last.txt", ["verify", "extract", "restore"]);
      for (const { code, out, err } of Object.values(said)) {
        assert.ok([20, damaged, truncated].includes(code), `cut at ${cut}: ${code} ${out}${err}`);
      }
    }
  }
});
