import assert from "node:assert/strict";
import { existsSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { configBackup, goodConfig, lastFile } from "#test/hostile-backup.ts";
import { HostileSandbox, treeOf } from "#test/hostile-sandbox.ts";
import { longName, paxMember, type HostileEntry } from "#test/hostile-tar.ts";

/** What a stranger put into the config folder, and what is to come of it. */
interface Case {
  readonly about: string;
  /** @param outside a folder that nobody may touch */
  readonly entries: (outside: string) => readonly (HostileEntry | Buffer)[];
  /** What extract and restore say about the refused entry; undefined if nothing has to be refused. */
  readonly refused?: RegExp;
  /** Paths that must be there afterwards, and some that must not, below the config folder. */
  readonly there?: readonly string[];
  readonly absent?: readonly string[];
}

const longComponent = "n".repeat(300);
const deep = "d/".repeat(30_000);

const cases: readonly Case[] = [
  {
    about: "a name that goes up",
    entries: () => [{ name: "data/../../../outside/pwned", content: "x" }],
    refused: /outside\/pwned.*leads out/,
  },
  {
    about: "a name that goes up at once",
    entries: () => [{ name: "../../../../../../outside/pwned", content: "x" }],
    refused: /leads out/,
  },
  {
    about: "an absolute name",
    entries: (outside) => [{ name: `${outside}/pwned`, content: "x" }],
    refused: /leads out/,
  },
  {
    about: "an absolute name in a PAX header",
    entries: (outside) => [{ name: "data/fine", pax: { path: `${outside}/pwned` }, content: "x" }],
    refused: /leads out/,
    absent: ["fine"],
  },
  {
    about: "an absolute name in a GNU header",
    entries: (outside) => [longName(`${outside}/pwned`), { name: "data/fine", content: "x" }],
    refused: /leads out/,
    absent: ["fine"],
  },
  {
    about: "a folder whose name goes up",
    entries: () => [{ name: "data/../../../outside/deep", type: "5", mode: 0o777 }],
    refused: /leads out/,
  },
  {
    about: "names with backslashes",
    entries: () => [{ name: "data/..\\..\\outside\\pwned", content: "x" }],
    there: ["..\\..\\outside\\pwned"],
  },
  {
    about: "a link to a folder, then a file below it",
    entries: (outside) => [
      { name: "data/sub", type: "2", link: outside },
      { name: "data/sub/pwned", content: "x" },
    ],
    refused: /leads through something that is no folder/,
    there: ["sub"],
  },
  {
    about: "a chain of links, then a file below it",
    entries: () => [
      { name: "data/a", type: "2", link: "b" },
      { name: "data/b", type: "2", link: "../../../../outside" },
      { name: "data/a/pwned", content: "x" },
    ],
    refused: /a\/pwned.*no folder/,
  },
  {
    about: "links in a circle",
    entries: () => [
      { name: "data/a", type: "2", link: "b" },
      { name: "data/b", type: "2", link: "a" },
      { name: "data/a/x", content: "x" },
    ],
    refused: /a\/x.*no folder/,
  },
  {
    about: "a link, then a file of its name",
    entries: (outside) => [
      { name: "data/f", type: "2", link: `${outside}/passwd` },
      { name: "data/f", content: "replaced" },
    ],
    refused: /data\/f.*more than once/,
  },
  {
    about: "a link, then a folder of its name",
    entries: (outside) => [
      { name: "data/f", type: "2", link: outside },
      { name: "data/f", type: "5", mode: 0o777 },
      { name: "data/f/g", content: "x" },
    ],
    refused: /more than once/,
    there: ["f/g"],
  },
  {
    about: "a hard link to a file outside",
    entries: (outside) => [{ name: "data/h", type: "1", link: `${outside}/passwd` }],
    refused: /data\/h.*second name/,
    absent: ["h"],
  },
  {
    about: "a hard link that goes up",
    entries: () => [{ name: "data/h", type: "1", link: "../../../outside/passwd" }],
    refused: /second name/,
    absent: ["h"],
  },
  {
    about: "a hard link through a link",
    entries: (outside) => [
      { name: "data/sub", type: "2", link: outside },
      { name: "data/h", type: "1", link: "data/sub/passwd" },
    ],
    refused: /data\/h/,
    absent: ["h"],
  },
  {
    about: "a hard link to a symbolic link, then content",
    entries: (outside) => [
      { name: "data/s", type: "2", link: `${outside}/passwd` },
      { name: "data/h", type: "1", link: "data/s" },
      { name: "data/h", content: "replaced" },
    ],
    refused: /more than once/,
  },
  {
    about: "a hard link to a later entry",
    entries: () => [{ name: "data/h", type: "1", link: "data/last.txt" }],
    refused: /data\/h/,
    absent: ["h"],
  },
  {
    about: "a hard link to itself",
    entries: () => [
      { name: "data/h", content: "x" },
      { name: "data/h", type: "1", link: "data/h" },
    ],
    refused: /data\/h/,
  },
  {
    about: "a hard link to a folder",
    entries: () => [{ name: "data/h", type: "1", link: "data" }],
    refused: /data\/h/,
  },
  {
    about: "devices and pipes",
    entries: () => [
      { name: "data/fifo", type: "6" },
      { name: "data/null", type: "3" },
      { name: "data/disk", type: "4" },
    ],
    refused: /data\/null.*not restored/,
    absent: ["fifo", "null", "disk"],
  },
  {
    about: "the same name many times",
    entries: () =>
      Array.from({ length: 50 }, (_, at) => ({ name: "data/twice", content: `${at}` })),
    refused: /more than once/,
    there: ["twice"],
  },
  {
    about: "a folder that a file takes the place of",
    entries: () => [
      { name: "data/x", type: "5" },
      { name: "data/x/y", content: "y" },
      { name: "data/x", content: "x" },
    ],
    refused: /more than once/,
    there: ["x"],
    absent: ["x/y"],
  },
  {
    about: "a file that a folder takes the place of",
    entries: () => [
      { name: "data/x", content: "x" },
      { name: "data/x", type: "5" },
      { name: "data/x/y", content: "y" },
    ],
    refused: /more than once/,
    there: ["x/y"],
  },
  {
    about: "a file below a file",
    entries: () => [
      { name: "data/x", content: "x" },
      { name: "data/x/y", content: "y" },
    ],
    refused: /data\/x\/y/,
  },
  {
    about: "a folder that claims a size",
    entries: () => [{ name: "data/x", type: "5", size: 1024 }],
    there: ["x"],
  },
  {
    about: "a link that claims a size",
    entries: () => [{ name: "data/x", type: "2", link: "y", size: 1024 }],
    there: ["x"],
  },
  {
    about: "a folder of ours",
    entries: () => [
      { name: "data/.safehouse", type: "5" },
      { name: "data/.safehouse/restore-1/new/x", content: "x" },
      { name: "data/sub/.safehouse/x", content: "x" },
    ],
    refused: /among Safehouse's own files/,
    absent: [".safehouse", "sub"],
  },
  {
    about: "a link in the place of a folder of ours",
    entries: (outside) => [{ name: "data/.safehouse", type: "2", link: outside }],
    refused: /among Safehouse's own files/,
    absent: [".safehouse"],
  },
  {
    about: "names with dots, doubled and trailing slashes",
    entries: () => [
      { name: "./data//./a///b/./c", content: "x" },
      { name: "data/e/", type: "0" },
      { name: "data/f/", type: "5" },
    ],
    there: ["a/b/c", "f"],
  },
  { about: "no name at all", entries: () => [{ name: "", content: "x" }], refused: /no name/ },
  {
    about: "only slashes and dots",
    entries: () => [
      { name: "/", type: "5" },
      { name: "././.", type: "2", link: "/etc" },
      { name: "..", type: "5" },
    ],
    refused: /leads (out|through)/,
  },
  {
    about: "names that steer a terminal",
    entries: () => [
      { name: "data/\u001b]0;owned\u0007\u001b[2J\r\nfake: 1 files", content: "x" },
      { name: "data/\u202egnp.exe", content: "x" },
      { name: "data/\u009b31m", content: "x" },
      { name: "data/../\u001b[31mred", content: "x" },
    ],
    refused: /\\x1b\[31mred/,
  },
  {
    about: "a link target that steers a terminal",
    entries: () => [{ name: "data/s", type: "2", link: "/\u001b[2J\u0007" }],
    there: ["s"],
  },
  {
    about: "names that are no UTF-8",
    entries: () => [
      { name: Buffer.from("data/\xff\xfe\x80", "latin1"), content: "x" },
      { name: Buffer.from("data/\xc0\xae\xc0\xae/x", "latin1"), content: "x" },
    ],
  },
  {
    about: "names that differ by case and by normalisation",
    entries: () =>
      ["Name", "name", "é", "e\u0301"].map((name) => ({ name: `data/${name}`, content: name })),
    there: ["Name", "name", "é", "e\u0301"],
  },
  {
    about: "a component that is too long",
    entries: () => [{ name: "x", pax: { path: `data/${longComponent}` }, content: "x" }],
    refused: /cannot hold it/,
  },
  {
    about: "a path of thirty thousand folders",
    entries: () => [{ name: "x", pax: { path: `data/${deep}x` }, content: "x" }],
    refused: /longer than any system takes/,
  },
  {
    about: "a path of two thousand folders",
    entries: () => [{ name: "x", pax: { path: `data/${"d/".repeat(1950)}x` }, content: "x" }],
    refused: /more than 256 folders/,
  },
  {
    about: "a link target of 60 kB",
    entries: () => [{ name: "data/s", type: "2", pax: { linkpath: "t/".repeat(30_000) } }],
    refused: /data\/s/,
  },
  {
    about: "an empty link target",
    entries: () => [
      { name: "data/s", type: "2", link: "" },
      { name: "data/h", type: "1", link: "" },
    ],
    refused: /data\/s/,
  },
  {
    about: "owners that no system knows",
    entries: () => [
      { name: "data/o", pax: { uid: "-5", gid: "99999999999" }, content: "x" },
      { name: "data/p", type: "5", pax: { uid: "4294967295", gid: "9007199254740991" } },
      { name: "data/q", type: "2", link: "o", pax: { uid: "-1" } },
    ],
    there: ["o", "p", "q"],
  },
  {
    about: "times that no system knows",
    entries: () => [
      { name: "data/t", pax: { mtime: "-99999999999999" }, content: "x" },
      { name: "data/u", type: "5", pax: { mtime: "9007199254740991" } },
      { name: "data/v", pax: { mtime: "1e-300" }, content: "x" },
    ],
    there: ["t", "u", "v"],
  },
  {
    about: "programs that would run as another user",
    entries: () => [{ name: "data/su", mode: 0o6755, content: "x" }],
    refused: /data\/su.*without its set-user-id/,
    there: ["su"],
  },
  {
    about: "a sparse file of another program",
    entries: () => [
      { name: "data/s", type: "S", content: "x" },
      {
        name: "data/t",
        pax: {
          "GNU.sparse.major": "1",
          "GNU.sparse.minor": "0",
          "GNU.sparse.name": "data/t",
          "GNU.sparse.realsize": "1125899906842624",
        },
        content: "x",
      },
    ],
    refused: /data\/t.*sparse/,
    absent: ["s", "t"],
  },
  {
    about: "a type that nobody knows",
    entries: () => [{ name: "data/z", type: "Z", content: "x".repeat(700) }],
    refused: /data\/z.*unknown type/,
    absent: ["z"],
  },
  {
    about: "a thousand global headers",
    entries: () =>
      Array.from({ length: 1000 }, (_, at) =>
        paxMember({ comment: `${at}`, uname: "u".repeat(5000) }, "g"),
      ),
  },
];

for (const { about, entries, refused, there = [], absent = [] } of cases) {
  test(`in a part: ${about}`, async () => {
    using target = new HostileSandbox();
    target.put(await configBackup(entries(join(target.root, "outside"))));
    const said = await target.enterAll(lastFile.name.toString(), [
      "files",
      "cat",
      "verify",
      "extract",
      "dry-run",
      "restore",
    ]);
    for (const entrance of ["files", "cat"] as const) {
      assert.equal(
        said[entrance].code,
        0,
        `${entrance}: ${said[entrance].out}${said[entrance].err}`,
      );
    }
    assert.equal(said.verify.code, 3, said.verify.err);
    assert.match(said.verify.out, /is readable/);
    assert.equal(said.cat.out, lastFile.content);
    for (const entrance of ["extract", "dry-run", "restore"] as const) {
      const { code, out, err } = said[entrance];
      assert.equal(code, refused === undefined ? 0 : 3, `${entrance}: ${out}${err}`);
      if (refused !== undefined) assert.match(out, refused, entrance);
    }
    const restored = treeOf(join(target.home, "config"));
    const extracted = treeOf(join(target.out, "homeassistant", "data"));
    for (const tree of [restored, extracted]) {
      for (const path of ["configuration.yaml", "last.txt", ...there])
        assert.ok(tree.has(path), `${path} is missing`);
      for (const path of absent)
        if (!(tree === restored && path === ".safehouse"))
          assert.ok(!tree.has(path), `${path} is there`);
    }
  });
}

test("all of that in one backup, by every way in", async () => {
  using target = new HostileSandbox();
  target.put(
    await configBackup(cases.flatMap(({ entries }) => entries(join(target.root, "outside")))),
  );
  const said = await target.enterAll();
  for (const [entrance, { code, out, err }] of Object.entries(said)) {
    const expected = ["verify", "extract", "dry-run", "restore"].includes(entrance) ? 3 : 0;
    assert.equal(code, expected, `${entrance}: ${out}${err}`);
  }
});

test("a config folder that is a link to somewhere else is not followed", async () => {
  using target = new HostileSandbox();
  const outside = join(target.root, "outside");
  target.put(
    await configBackup([], {
      inner: {
        "homeassistant.tar.gz": [
          { name: "data", type: "2", link: outside },
          { name: "data/pwned", content: "x" },
        ],
      },
    }),
  );
  const said = await target.enterAll("pwned");
  assert.match(said.extract.out, /data\/pwned.*no folder/);
  assert.ok(!existsSync(join(outside, "pwned")));
  assert.ok(said.restore.code !== 0);
});

test("absolute links that people made are kept as links, and told", async () => {
  using sandbox = new HostileSandbox(
    await configBackup([{ name: "data/www", type: "2", link: "/usr/share/www" }]),
  );
  const { extract, restore } = await sandbox.enterAll();
  assert.deepEqual([extract.code, restore.code], [0, 0]);
  for (const { out } of [extract, restore])
    assert.match(out, /www: Points to \/usr\/share\/www, outside of its part/);
  assert.equal(readlinkSync(join(sandbox.home, "config", "www")), "/usr/share/www");
});

test("a PAX name that holds a NUL damages its part, and what stands before it is still got out", async () => {
  const entry = { name: "data/n", pax: { path: "data/good\0/../../evil" }, content: "x" };
  using sandbox = new HostileSandbox(await configBackup([entry]));
  const said = await sandbox.enterAll();
  for (const entrance of ["files", "cat", "extract", "verify", "dry-run", "restore"] as const)
    assert.equal(said[entrance].code, 22, entrance);
  assert.match(said.extract.out, /NOT COMPLETE: homeassistant.tar.gz: .*"path"/);
  assert.ok(sandbox.extracted().includes(`homeassistant/${String(goodConfig[1]?.name)}`));
});
