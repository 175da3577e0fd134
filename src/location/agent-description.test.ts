import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { AgentLayout } from "#core/location/agent-layout.ts";
import { describeForAgent, descriptionKey, isAbout } from "./agent-description.ts";
import type { ArchiveFacts } from "./archive-facts.ts";

const beside: AgentLayout = { kind: "beside" };
const enveloped: AgentLayout = { kind: "enveloped" };
const hidden = (folder?: string): AgentLayout => ({ kind: "hidden", folder });

const facts: ArchiveFacts = {
  slug: "0a551570",
  name: "Automatic backup 2026.7.3",
  date: "2026-07-22T04:45:12.345678+02:00",
  type: "partial",
  protected: true,
  compressed: true,
  size: 1,
  homeassistant: { version: "2026.7.3", databaseIncluded: true, size: 100 },
  folders: [{ name: "addons/local", size: 5 }],
  addons: [{ slug: "core_ssh", name: "SSH", version: "9.1", size: 7 }],
  extra: {
    instance_id: "a1",
    with_automatic_settings: true,
    "supervisor.addon_update": "core_ssh",
    safehouse: { version: 1 },
  },
  problems: [],
};
const base = "Automatic_backup_2026.7.3_2026-07-22_04.45_12345678";

/** What `AgentBackup.as_dict` gives for it. */
const metadata = {
  addons: [{ name: "SSH", slug: "core_ssh", version: "9.1" }],
  backup_id: "0a551570",
  date: "2026-07-22T04:45:12.345678+02:00",
  database_included: true,
  extra_metadata: { "supervisor.addon_update": "core_ssh" },
  folders: ["addons/local"],
  homeassistant_included: true,
  homeassistant_version: "2026.7.3",
  name: "Automatic backup 2026.7.3",
  protected: true,
  size: 3_000_000,
};

function described(layout: AgentLayout, key = `${base}.tar`, changes: Partial<ArchiveFacts> = {}) {
  const object = { key, size: 3_000_000 };
  const found = describeForAgent(layout, { object, facts: { ...facts, ...changes } });
  return found && { key: found.key, document: JSON.parse(found.text) as unknown };
}

function nameIn(key: string, changes: Partial<ArchiveFacts>): unknown {
  const document = described(beside, key, changes)?.document;
  return typeof document === "object" && document !== null && "name" in document
    ? document.name
    : undefined;
}

test("each agent finds an archive by the description that it would have written itself", () => {
  const key = `${base}.metadata.json`;
  assert.deepEqual(described(beside), { key, document: metadata });
  assert.deepEqual(described(enveloped), {
    key,
    document: { metadata_version: "1", backup_id: "0a551570", backup_metadata: metadata },
  });
  assert.deepEqual(described(hidden("/home/ha/backups")), {
    key: ".0a551570.metadata.json",
    document: { file_path: `/home/ha/backups/${base}.tar`, metadata },
  });
});

test("a folder that is only known from the sign-in on is left to the agent, which starts in it", () => {
  assert.deepEqual(described(hidden())?.document, { file_path: `${base}.tar`, metadata });
  assert.deepEqual(described(hidden(""))?.document, { file_path: `/${base}.tar`, metadata });
});

test("what makes Home Assistant remove a backup by its own rules is not told", () => {
  const text = JSON.stringify(described(beside)?.document);
  assert.doesNotMatch(text, /instance_id|with_automatic_settings|safehouse/);
});

test("a backup without Home Assistant has no version of it, and no database", () => {
  const { document } = described(beside, `${base}.tar`, { homeassistant: undefined }) ?? {};
  assert.deepEqual(document, {
    ...metadata,
    database_included: false,
    homeassistant_included: false,
    homeassistant_version: null,
  });
});

test("white space in names counts as it does in Python", () => {
  const time = "2026-07-22_04.45_12345678";
  assert.equal(
    nameIn(`a_b_c_${time}.tar`, { name: "  a\u00a0b\u0085\u2003c\n" }),
    "  a\u00a0b\u0085\u2003c\n",
  );
  // It is no white space there.
  assert.equal(nameIn(`a\ufeffb_${time}.tar`, { name: "a\ufeffb" }), "a\ufeffb");
  assert.equal(nameIn(`${time}.tar`, { name: "" }), "");
  assert.equal(nameIn(`Küche_100%_#1_${time}.tar`, { name: "Küche 100% #1" }), "Küche 100% #1");
});

test("where the file cannot have the backup's name, the description has that of the file", () => {
  const time = "2026-07-22_04.45_12345678";
  assert.equal(nameIn(`before_1_2_${time}.tar`, { name: "before 1/2" }), "before_1_2");
  const long = "x".repeat(160);
  assert.equal(nameIn(`${long}_${time}.tar`, { name: "x".repeat(300) }), long);
});

test("an archive whose name the agent cannot work out is not described to it", () => {
  for (const key of [
    "mine.tar",
    `${base}.key-3f9a1c.tar`,
    "0a551570.tar",
    "a b_2026-07-22_04.45_12345678.tar",
  ])
    assert.equal(described(beside, key), undefined, key);
  assert.equal(described(beside, "x.tar", { date: "yesterday" }), undefined);
});

test("an agent that is told the file, or looks for it, takes any name", () => {
  assert.deepEqual(described(hidden("/b"), "mein Backup.tar")?.document, {
    file_path: "/b/mein Backup.tar",
    metadata,
  });
  assert.equal(described(enveloped, "mine.tar")?.key, "mine.metadata.json");
});

test("a slug of somebody else's making names no description", () => {
  for (const slug of ["../../x", "", "ABCDEF01", undefined])
    assert.equal(descriptionKey(hidden(), "a.tar", slug), undefined);
  assert.equal(described(hidden(), "a.tar", { slug: "../x" }), undefined);
});

test("a description is about the archive that it names, by whatever way", () => {
  assert.equal(isAbout("a.tar", `{"file_path":"/somewhere/else/a.tar"}`), true);
  assert.equal(isAbout("a.tar", `{"file_path":"/b/b.tar"}`), false);
  for (const text of ["", "{", "null", "5", "{}", `{"file_path":5}`])
    assert.equal(isAbout("a.tar", text), true, text);
});
