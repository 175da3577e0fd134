import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, mkdir, readFile, rm, symlink, writeFile, link } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openArchive, type InnerArchive, type OpenArchive } from "#archive/read/open-archive.ts";
import type { TarEvent } from "#format/tar/tar-event.ts";
import { TarReader } from "#format/tar/tar-reader.ts";
import { gunzip } from "#format/gzip/gunzip.ts";
import { detectEncryption } from "#format/securetar/detect-encryption.ts";
import { openDecryptor } from "#format/securetar/open-decryptor.ts";
import { PasswordKeys } from "#format/securetar/password-keys.ts";
import { entriesOf, entriesOfEvents } from "#test/archive-entries.ts";
import { sampleData } from "#test/compressible-data.ts";
import {
  officialSoftware,
  oldOfficialSoftware,
  type ArchiveForm,
  type OfficialEntry,
} from "#test/official-software.ts";
import { bufferSource } from "#test/sample-archive.ts";

type Entries = Readonly<Record<string, Readonly<Record<string, OfficialEntry>>>>;

const official = await officialSoftware();
const version1 = await oldOfficialSoftware();
const password = "correct horse";
const root = fileURLToPath(new URL("../../", import.meta.url));
const shared = process.env["SAFEHOUSE_FIXTURES"] ?? join(root, "../shared/fixtures");
let folder = "";
let home = "";

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "safehouse-read-"));
  home = join(folder, "home");
  await write("config/automations.yaml", "- alias: Lights\n".repeat(5000));
  await write("config/large.bin", sampleData("mixed", 2_500_001));
  await write("config/empty", "");
  await write("data/core_mosquitto/mosquitto.db", "retained");
  await write("share/Übersicht.txt", "notes");
  await write("addons/local/mine/config.yaml", "slug: mine");
  await symlink("automations.yaml", join(home, "config/current.yaml"));
  await link(join(home, "config/automations.yaml"), join(home, "config/second.yaml"));
});
after(() => rm(folder, { recursive: true, force: true }));

const forms: readonly ArchiveForm[] = [
  "plain",
  "plain-uncompressed",
  "v2",
  "v3",
  "v3-uncompressed",
];
for (const form of forms) {
  test(
    `reads the official ${form} archive as its maker does`,
    { skip: official.skip },
    async () => {
      const file = join(folder, `${form}.tar`);
      const options = form.startsWith("plain") ? {} : { password };
      await official.use().make(home, file, { form, ...options });
      const expected = (await official.use().list(file, options)).parts;
      const archive = await openArchive(bufferSource(await readFile(file)));
      assert.deepEqual(await entriesOf(archive, new PasswordKeys(password)), expected);
      assert.deepEqual(archive.missing, []);
    },
  );
}

for (const compressed of [true, false]) {
  const form = compressed ? "compressed" : "uncompressed";
  test(
    `reads SecureTar v1, ${form}, with members named as of old`,
    { skip: version1.skip },
    async () => {
      const file = join(folder, `v1-${form}.tar`);
      await version1.use().make(home, file, { password, compressed });
      const archive = await openArchive(bufferSource(await readFile(file)));
      assert.deepEqual(
        archive.inner.map(({ name }) => name),
        ["homeassistant", "share", "addons_local"],
      );
      const entries = await entriesOf(archive, new PasswordKeys(password));
      const { size } = entries["homeassistant"]?.["data/automations.yaml"] ?? {};
      assert.equal(size, 80_000);
      assert.equal(entries["homeassistant"]?.["data/large.bin"]?.size, 2_500_001);
    },
  );
}

for (const [name, secret] of [
  ["backup_example", undefined],
  ["backup_example_enc", "test"],
  ["backup_example_sec_v3", "supervisor"],
] as const) {
  test(`reads the Supervisor's own test archive ${name}.tar`, async () => {
    const bytes = await readFile(join(root, `test/fixtures/official/${name}.tar`));
    const archive = await openArchive(bufferSource(bytes));
    const entries = await entriesOf(
      archive,
      secret === undefined ? undefined : new PasswordKeys(secret),
    );
    assert.deepEqual(
      Object.keys(entries).toSorted(),
      archive.inner.map((inner) => inner.name).toSorted(),
    );
    assert.ok(Object.values(entries).every((part) => Object.keys(part).length > 0));
    assert.equal(archive.metadata.protected, secret !== undefined);
  });
}

const absent = existsSync(join(shared, "expected.json"))
  ? false
  : "absent: the shared fixtures folder";
for (const form of ["plain", "v2", "v3", "v3-uncompressed"]) {
  for (const [way, lengths] of [
    ["whole", undefined],
    ["in odd chunks", [1, 997, 65_537, 3]],
    ["byte by byte", [1]],
  ] as const) {
    test(`reads the shared ${form} archive exactly, ${way}`, { skip: absent }, async () => {
      const expected = JSON.parse(await readFile(join(shared, "expected.json"), "utf8")) as {
        password: string;
        parts: Entries;
      };
      const archive = await openArchive(bufferSource(await readFile(join(shared, `${form}.tar`))));
      const keys = form === "plain" ? undefined : new PasswordKeys(expected.password);
      const found =
        lengths === undefined
          ? await entriesOf(archive, keys)
          : await readInPieces(archive, keys, lengths);
      assert.deepEqual(found, expected.parts);
    });
  }
}

/** Reads as `entriesOf` does, but gives every layer its bytes in pieces of these lengths. */
async function readInPieces(
  archive: OpenArchive,
  keys: PasswordKeys | undefined,
  lengths: readonly number[],
): Promise<Entries> {
  const parts: Record<string, Readonly<Record<string, OfficialEntry>>> = {};
  for (const inner of archive.inner)
    parts[inner.name] = await entriesOfEvents(
      eventsInPieces(archive, inner, {
        keys,
        lengths: inner.size > 200_000 ? lengths.map((length) => Math.max(length, 509)) : lengths,
      }),
    );
  return parts;
}

async function* eventsInPieces(
  archive: OpenArchive,
  inner: InnerArchive,
  {
    keys,
    lengths,
  }: { readonly keys: PasswordKeys | undefined; readonly lengths: readonly number[] },
): AsyncGenerator<readonly TarEvent[]> {
  const stored = await archive.source.read(inner.offset, inner.size);
  const plain = await decryptInPieces(stored, keys, lengths);
  const reader = new TarReader();
  // Every piece of the compressed bytes costs a turn of the thread pool: a megabyte takes minutes.
  const compressedLengths =
    plain.length > 20_000 ? lengths.map((length) => Math.max(length, 4099)) : lengths;
  const tar = inner.member.endsWith(".gz")
    ? gunzip(cut(plain, compressedLengths))
    : cut(plain, [plain.length]);
  for await (const bytes of tar) {
    for await (const piece of cut(bytes, lengths)) yield reader.push(piece);
  }
  yield reader.end();
}

async function decryptInPieces(
  stored: Uint8Array,
  keys: PasswordKeys | undefined,
  lengths: readonly number[],
): Promise<Uint8Array> {
  const head = stored.subarray(0, 512);
  const detected = detectEncryption(head);
  if (detected.kind === "none" || keys === undefined) return stored;
  const decryptor = await openDecryptor(detected, head, keys);
  const pieces: Uint8Array[] = [];
  for await (const piece of cut(stored.subarray(decryptor.headerLength), lengths))
    pieces.push(...decryptor.push(piece));
  return Buffer.concat([...pieces, ...decryptor.end()]);
}

async function* cut(bytes: Uint8Array, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? bytes.length;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(join(home, path)), { recursive: true });
  await writeFile(join(home, path), content);
}
