import { strict as assert } from "node:assert";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { DeflatePool } from "#format/gzip/deflate-pool.ts";
import { backupKeys } from "#keys/backup-keys.ts";
import { OpenRing } from "#keys/open-ring.ts";
import { ArchiveLocation } from "#location/archive-location.ts";
import { inspectArchive } from "#location/inspect-archive.ts";
import { MemoryStorage } from "#storage/memory/provider.ts";
import { loops } from "#test/loops.ts";
import { MemoryCatalogue } from "#test/memory-catalogue.ts";
import { memoryKeyRing } from "#test/memory-key-ring.ts";
import { makeSample, samplePassword } from "#test/sample-archive.ts";
import { findBackup } from "#jobs/backup/list-backups.ts";
import { rememberVerification } from "#jobs/backup/verification-notes.ts";
import { noteBackup } from "#jobs/notes/note-backup.ts";
import { checkedNoteText, parsePersonNote } from "#jobs/notes/person-note.ts";
import { pinBackup, unpinBackup } from "#jobs/notes/pin-backup.ts";
import { isPinned } from "#jobs/notes/pin-note.ts";
import { readNote } from "#jobs/notes/read-note.ts";
import { resealNote } from "#jobs/notes/reseal-note.ts";
import { openText, sealText } from "#jobs/notes/sealed-text.ts";
import { memoryUploads } from "#test/memory-uploads.ts";

const { signal } = new AbortController();
const clock = { now: () => Date.UTC(2026, 0, 2) };
const at = "2026-01-02T00:00:00.000Z";
const file = "backup.tar";

let pool: DeflatePool;
before(async () => {
  pool = await DeflatePool.open({ engine: "wasm", threads: 1 });
});
after(() => pool[Symbol.asyncDispose]());

/** A location in memory with one backup. */
async function makeLocation(version?: 3) {
  const storage = new MemoryStorage({ now: () => 0 });
  const location = new ArchiveLocation({
    storage,
    place: { home: "home", location: "nas" },
    catalogue: new MemoryCatalogue(),
    uploads: memoryUploads(),
    inspect: inspectArchive,
    clock,
  });
  const part = { kind: "folder", name: "ssl" } as const;
  const entries = [{ path: "key.pem", content: "no key" }];
  const { bytes } = await makeSample([{ part, entries }], { pool, version });
  await put(storage, file, bytes);
  const { slug = "" } = await findBackup(location, file, signal);
  const raw = (): Promise<unknown> => location.readNotes(slug, signal);
  return { location, storage, slug, raw };
}

async function put(storage: MemoryStorage, key: string, bytes: Uint8Array) {
  async function* open() {
    yield bytes;
  }
  await storage.write(key, { open, overwrite: true }, signal);
}

const nobody = async (): Promise<undefined> => undefined;
const person = async (): Promise<string> => samplePassword;
const noKeys = new OpenRing(memoryKeyRing());

function ringWith(...passwords: readonly string[]): OpenRing {
  const keys = passwords.map((_, index) => ({
    id: String(index),
    name: "Key",
    origin: "imported" as const,
    madeAt: at,
    provenAt: undefined,
  }));
  return new OpenRing({
    read: async () => ({ current: "0", keys }),
    reveal: async (id) => passwords[Number(id)] ?? "",
    change: () => assert.fail("nothing is changed"),
  });
}

test("a pin is kept beside the backup, and so is its end", async () => {
  const { location, slug, raw } = await makeLocation();
  const pinned = await pinBackup(location, slug, { clock, signal });
  assert.equal(pinned.pinned, true);
  assert.deepEqual(await raw(), { pin: { pinned: true, at } });
  const unpinned = await unpinBackup(location, file, { clock, signal });
  assert.equal(unpinned.pinned, false);
  assert.deepEqual(await raw(), { pin: { pinned: false, at } });
  await assert.rejects(pinBackup(location, "nope", { clock, signal }), { problem: "not-found" });
});

test("what is not understood in the notes stays as it is", async () => {
  const { location, slug, raw } = await makeLocation();
  const others = { origin: { installation: "x" }, later: [1], note: { text: 1 } };
  await location.writeNotes(slug, others, signal);
  await pinBackup(location, slug, { clock, signal });
  assert.deepEqual(await raw(), { ...others, pin: { pinned: true, at } });
  const verified = { slug, verdict: "proven", level: "content" } as const;
  const report = { ...verified, name: "", indexed: true, parts: [], warnings: [] };
  await rememberVerification(location, report, { clock, signal });
  const verification = { verdict: "proven", level: "content", at };
  assert.deepEqual(await raw(), { ...others, pin: { pinned: true, at }, verification });
});

test("a pin of which nothing is known is never taken for none", async () => {
  const { location, storage, slug } = await makeLocation();
  const pinOf = async () => (await findBackup(location, slug, signal)).pinned;
  assert.equal(await pinOf(), undefined, "without notes");
  const verified = { slug, verdict: "proven", level: "content" } as const;
  const report = { ...verified, name: "", indexed: true, parts: [], warnings: [] };
  await rememberVerification(location, report, { clock, signal });
  assert.equal(await pinOf(), undefined, "notes that were lost, and begun anew");
  await put(storage, `.safehouse/${slug}.json`, Buffer.from("{"));
  assert.equal(await pinOf(), undefined, "damaged notes");
  await rememberVerification(location, report, { clock, signal });
  assert.equal(await pinOf(), undefined, "damaged notes, begun anew");
  await unpinBackup(location, slug, { clock, signal });
  assert.equal(await pinOf(), false, "a person has said so");
  await rememberVerification(location, report, { clock, signal });
  assert.equal(await pinOf(), false);
});

test("nobody can have pinned a backup before it was made", async () => {
  const { location, slug } = await makeLocation();
  const verified = { slug, verdict: "proven", level: "content" } as const;
  const report = { ...verified, name: "", indexed: true, parts: [], warnings: [] };
  await rememberVerification(location, report, { clock, signal, isNew: true });
  assert.equal((await findBackup(location, slug, signal)).pinned, false);
});

test("only a word that is understood unpins", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (pin, other) => {
      const said = isPinned({ pin, other });
      const unpins =
        typeof pin === "object" && pin !== null && Reflect.get(pin, "pinned") === false;
      if (said === false) assert.ok(unpins, "nothing else unpins");
      assert.equal(isPinned(null), undefined);
    }),
    { numRuns: loops(200) },
  );
});

test("a note is written, replaced and removed", async () => {
  const { location, slug, raw } = await makeLocation();
  const write = (text: string) =>
    noteBackup(location, slug, { text, askPassword: nobody, clock, signal });
  const noted = await write("  Before the upgrade\n");
  assert.deepEqual(noted.note, { text: "Before the upgrade", at });
  assert.equal(await readNote(noted, noKeys), "Before the upgrade");
  assert.deepEqual((await write("Other")).note, { text: "Other", at });
  assert.equal((await write("")).note, undefined);
  assert.deepEqual(await raw(), { pin: null });
  await assert.rejects(write("x".repeat(2001)), { problem: "usage" });
});

test("a note on an encrypted backup says nothing at the place", async () => {
  const { location, slug, raw } = await makeLocation(3);
  const noted = await noteBackup(location, slug, {
    text: "Before I left Anna",
    askPassword: person,
    clock,
    signal,
  });
  const stored = JSON.stringify(await raw());
  for (const secret of ["Anna", Buffer.from("Before I left Anna").toString("base64")])
    assert.ok(!stored.includes(secret));
  assert.equal(await readNote(noted, ringWith("other", samplePassword)), "Before I left Anna");
  assert.equal(await readNote(noted, ringWith("other")), undefined);
  assert.equal(await readNote(noted, noKeys), undefined);
});

test("without a key there is no note on an encrypted backup, and nothing is written", async () => {
  const { location, slug, raw } = await makeLocation(3);
  const options = { text: "Secret", askPassword: nobody, clock, signal };
  await assert.rejects(noteBackup(location, slug, options), { problem: "password-needed" });
  assert.equal(await raw(), undefined);
});

test("a note goes with the backup to another key", async () => {
  const { location, slug } = await makeLocation(3);
  const options = { text: "Kept", askPassword: person, clock, signal };
  await noteBackup(location, slug, options);
  const to = backupKeys("new");
  await resealNote(location, slug, { from: backupKeys("wrong"), to, signal });
  const still = await findBackup(location, slug, signal);
  assert.equal(await readNote(still, ringWith(samplePassword)), "Kept");
  await resealNote(location, slug, { from: backupKeys(samplePassword), to, signal });
  const moved = await findBackup(location, slug, signal);
  assert.equal(await readNote(moved, ringWith(samplePassword)), undefined);
  assert.equal(await readNote(moved, ringWith("new")), "Kept");
});

test("a sealed note opens with its key and for its backup alone, and unchanged", async () => {
  const keys = backupKeys("secret");
  const sealed = await sealText("Größe", "01234567", keys);
  assert.equal(await openText(sealed, "01234567", keys), "Größe");
  assert.equal(await openText(sealed, "76543210", keys), undefined);
  assert.equal(await openText(sealed, "01234567", backupKeys("other")), undefined);
  for (const name of ["salt", "nonce", "data"] as const) {
    const bytes = Buffer.from(sealed[name], "base64");
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    const changed = { ...sealed, [name]: bytes.toString("base64") };
    assert.equal(await openText(changed, "01234567", keys), undefined, name);
    const short = { ...sealed, [name]: bytes.subarray(0, 3).toString("base64") };
    assert.equal(await openText(short, "01234567", keys), undefined, name);
  }
});

test("whatever lies at a place as a note, none is made of nonsense", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const note = parsePersonNote(value);
      if (note !== undefined && "text" in note)
        assert.equal(checkedNoteText(note.text).length <= 2000, true);
    }),
  );
  assert.equal(parsePersonNote({ text: "x".repeat(2001), at }), undefined);
});
