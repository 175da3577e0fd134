import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { backupOf, encrypt, goodConfig, hostilePassword, lastFile } from "#test/hostile-backup.ts";
import { memoryBound, runChild, threadsFromSource } from "#test/hostile-child.ts";
import { HostileSandbox, treeOf } from "#test/hostile-sandbox.ts";
import { base256, gzipOf, repeatedGzip, tarMember, tarOf } from "#test/hostile-tar.ts";

const loops = Number(process.env["SAFEHOUSE_TEST_LOOPS"] ?? "1");
/** 10 GiB with loops; they come from 10 MB. */
const mebibytes = loops > 1 ? 10_240 : 1024;
/** More than are told one by one. */
const entries = loops > 1 ? 1_000_000 : 20_000;
/** Every file that is restored is flushed to the disk one by one. */
const restoredEntries = loops > 1 ? 1_000_000 : 3000;
const zeros = Buffer.alloc(2 ** 20);

/** A config folder with a file of zeros in it, as it lies in the archive. */
function zeroBomb(count: number): Buffer {
  const header = tarMember({ name: "data/zeros", size: base256(BigInt(count) * 2n ** 20n) });
  const head = Buffer.concat([tarOf(goodConfig, { end: false }), header]);
  return repeatedGzip({ head, mebibyte: zeros, count, tail: tarOf([lastFile]) });
}

const bomb = zeroBomb(mebibytes);

test(`${mebibytes} MiB in ${Math.round(bomb.length / 1e6)} MB are listed, verified and got past within the memory bound`, async () => {
  using sandbox = new HostileSandbox(await backupOf({ inner: { "homeassistant.tar.gz": bomb } }));
  const { archive, root } = sandbox;
  const verified = await runChild(root, ["archive", "verify", archive, "--json"]);
  assert.equal(verified.code, 3);
  assert.match(verified.out, /"readable"/);
  const listed = await runChild(root, ["archive", "list", archive, "--files"]);
  assert.match(listed.out, new RegExp(`${mebibytes * 2 ** 20} +homeassistant +data/zeros`));
  const shown = await runChild(root, ["archive", "cat", archive, "homeassistant", "last.txt"]);
  assert.deepEqual([shown.code, shown.out], [0, lastFile.content]);
  const converted = await runChild(root, [
    "archive",
    "encrypt",
    archive,
    join(root, "target", "encrypted.tar"),
  ]);
  assert.equal(converted.code, 0, converted.err);
});

const mounting = canMount();

test(
  "a bomb fills no disk: extract and restore end with no-space and leave nothing behind",
  { skip: mounting ? false : "absent: mounts of our own (unshare -m)" },
  async () => {
    using sandbox = new HostileSandbox(await backupOf({ inner: { "homeassistant.tar.gz": bomb } }));
    const { archive, root, home } = sandbox;
    const small = join(root, "small");
    mkdirSync(small);
    const inSmallPlace = (command: readonly string[]): { code: number | null; text: string } => {
      const script = `mount -t tmpfs -o size=64m none ${small} && mkdir -p ${small}/config && echo mine > ${small}/config/mine.yaml && "$@"; code=$?; find ${small} | sort; exit $code`;
      const environment = {
        ...process.env,
        SAFEHOUSE_DATA: join(root, "safehouse"),
        SAFEHOUSE_PASSWORD: hostilePassword,
      };
      const { status, stdout, stderr } = spawnSync(
        "unshare",
        ["-m", "sh", "-c", script, "sh", process.execPath, "bin/safehouse.js", ...command],
        { env: environment, encoding: "utf8" },
      );
      return { code: status, text: stdout + stderr };
    };
    const before = treeOf(home);
    const restored = inSmallPlace([
      "backups",
      "restore",
      archive,
      "--config",
      `${small}/config`,
      "--location",
      join(root, "location"),
      "--stopped",
    ]);
    assert.equal(restored.code, 30, restored.text);
    assert.match(restored.text, /became full/);
    assert.match(restored.text, /mine\.yaml\n/);
    assert.doesNotMatch(restored.text, /\.safehouse|zeros\n/);
    const extracted = inSmallPlace(["archive", "extract", archive, "--to", `${small}/out`]);
    assert.equal(extracted.code, 30, extracted.text);
    assert.doesNotMatch(extracted.text, /\/out\/homeassistant(\/|\n)/);
    assert.deepEqual(treeOf(home), before);
  },
);

test("a header that claims a petabyte does not fill the disk", async () => {
  const inner = gzipOf(
    tarOf(
      [
        ...goodConfig,
        tarMember({ name: "data/lie", content: "all there is", size: base256(2n ** 50n) }),
      ],
      { end: false },
    ),
  );
  using sandbox = new HostileSandbox(await backupOf({ inner: { "homeassistant.tar.gz": inner } }));
  const said = await sandbox.enterAll("data/lie");
  for (const entrance of ["files", "cat", "verify", "extract", "dry-run", "restore"] as const) {
    const code = entrance === "verify" ? 22 : 23;
    assert.equal(
      said[entrance].code,
      code,
      `${entrance}: ${said[entrance].out}${said[entrance].err}`,
    );
  }
  assert.match(said.extract.out, /data\/lie: Its last \d+ bytes cannot be read/);
});

test("sparse headers that claim more than there is are named and skipped", async () => {
  const records = {
    "GNU.sparse.major": "1",
    "GNU.sparse.minor": "0",
    "GNU.sparse.name": "data/s",
    "GNU.sparse.realsize": "9007199254740991",
  };
  const old = tarMember({ name: "data/t", type: "S", content: "x".repeat(600) });
  old.write("77777777777\0", 483, "latin1");
  const inner = gzipOf(
    tarOf([
      ...goodConfig,
      { name: "x", pax: records, content: "1\n0\n9007199254740991\n" },
      lastFile,
    ]),
  );
  using sandbox = new HostileSandbox(await backupOf({ inner: { "homeassistant.tar.gz": inner } }));
  const said = await sandbox.enterAll();
  assert.match(said.extract.out, /data\/s: The entry is stored as a sparse file/);
  assert.equal(said.cat.out, lastFile.content);
});

test(`${entries} entries are listed, verified and extracted within the memory bound`, async () => {
  using sandbox = new HostileSandbox(
    await backupOf({ inner: { "homeassistant.tar.gz": manyFiles(entries) } }),
  );
  const { archive, root, out } = sandbox;
  assert.equal((await runChild(root, ["archive", "list", archive, "--files"])).code, 0);
  assert.equal((await runChild(root, ["archive", "verify", archive])).code, 3);
  assert.equal((await runChild(root, ["archive", "extract", archive, "--to", out])).code, 0);
  assert.equal(readdirSync(join(out, "homeassistant", "data", "d0")).length, 1000);
});

test(`${restoredEntries} entries are restored within the memory bound`, async () => {
  using sandbox = new HostileSandbox(
    await backupOf({ inner: { "homeassistant.tar.gz": manyFiles(restoredEntries) } }),
  );
  const { archive, root, home } = sandbox;
  const restore = [
    "backups",
    "restore",
    archive,
    "--home",
    home,
    "--location",
    join(root, "location"),
    "--stopped",
  ];
  assert.equal((await runChild(root, [...restore, "--dry-run"])).code, 0);
  assert.equal((await runChild(root, restore)).code, 0);
});

test(`${entries} entries that have to be refused cost no memory and are not all told`, async () => {
  const evil = Buffer.concat(
    Array.from({ length: 1000 }, (_, at) => tarMember({ name: `../${at}/${"x".repeat(80)}` })),
  );
  const count = entries / 1000;
  const inner = gzipOf(
    Buffer.concat([
      tarOf(goodConfig, { end: false }),
      ...Array.from({ length: count }, () => evil),
      tarOf([lastFile]),
    ]),
  );
  using sandbox = new HostileSandbox(await backupOf({ inner: { "homeassistant.tar.gz": inner } }));
  const extracted = await runChild(sandbox.root, [
    "archive",
    "extract",
    sandbox.archive,
    "--to",
    sandbox.out,
    "--json",
  ]);
  assert.equal(extracted.code, 3);
  assert.match(extracted.out, /further entries have notes that are not listed/);
  sandbox.assertUntouched("a hundred thousand names that go up");
});

test("64 MiB of zeros in an encrypted archive are made, verified and restored, v2 and v3", async () => {
  for (const version of ["2", "3"]) {
    using sandbox = new HostileSandbox();
    const { root, home } = sandbox;
    const location = join(root, "location");
    writeFileSync(join(home, "config", "zeros.bin"), Buffer.alloc(64 * 2 ** 20));
    const common = ["--home", home, "--location", location];
    const made = await runChild(
      root,
      ["backups", "new", "--name", "zeros", "--securetar", version, "--json", ...common],
      memoryBound + threadsFromSource,
    );
    assert.equal(made.code, 0, made.err);
    const before = treeOf(home);
    writeFileSync(join(home, "config", "zeros.bin"), "gone");
    const [file = ""] = readdirSync(location).filter((name) => name.endsWith(".tar"));
    const restored = await runChild(root, [
      "backups",
      "restore",
      join(location, file),
      "--stopped",
      ...common,
    ]);
    assert.equal(restored.code, 0, restored.out + restored.err);
    assert.equal(treeOf(home).get("config/zeros.bin"), before.get("config/zeros.bin"));
  }
});

test("64 MiB of zeros in a stranger's encrypted archive", async () => {
  const plain = zeroBomb(64);
  for (const version of [2, 3] as const) {
    using sandbox = new HostileSandbox(
      await backupOf({
        inner: { "homeassistant.tar.gz": await encrypt(plain, version) },
        json: { protected: true },
      }),
    );
    const said = await sandbox.enterAll("last.txt", ["verify", "cat", "extract", "restore"]);
    assert.deepEqual(
      [said.cat.code, said.extract.code, said.restore.code],
      [0, 0, 0],
      said.extract.out + said.restore.err,
    );
  }
});

/** Many small files, a thousand in a folder. */
function manyFiles(count: number): Buffer {
  const folders: Buffer[] = [];
  for (let folder = 0; folder < count / 1000; folder += 1) {
    folders.push(tarMember({ name: `data/d${folder}`, type: "5", mode: 0o755 }));
    for (let file = 0; file < 1000; file += 1)
      folders.push(tarMember({ name: `data/d${folder}/file-${file}.txt`, content: `${file}` }));
  }
  return gzipOf(Buffer.concat([tarOf(goodConfig, { end: false }), ...folders, tarOf([lastFile])]));
}

function canMount(): boolean {
  return process.platform === "linux" && spawnSync("unshare", ["-m", "true"]).status === 0;
}
