import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { reasonsToLeaveAlone } from "#core/retention/leave-alone.ts";
import type { ArchiveFacts } from "#location/archive-facts.ts";
import type { BackupAtLocation } from "#location/backup-at-location.ts";
import { loops } from "#test/loops.ts";
import { copyFacts } from "./copy-facts.ts";

const installation = "6d0c7b0e-9f52-4f0e-8a57-3f6f2c0f7a11";
const origin = { installation, plan: "nightly" };
const verification = { verdict: "proven", level: "content", at: "2026-11-22T15:14:28.415Z" };

const facts: ArchiveFacts = {
  slug: "0123abcd",
  name: "Nightly",
  date: "2026-11-22T03:00:00+00:00",
  type: "full",
  protected: true,
  compressed: true,
  size: 10_240,
  homeassistant: undefined,
  folders: [],
  addons: [],
  extra: { safehouse: { version: 1, writer: "Safehouse", parts: {}, origin } },
  problems: [],
};

function found(more: Partial<BackupAtLocation> = {}): BackupAtLocation {
  return {
    location: "nas",
    object: { key: "nightly.tar", size: 10_240, modifiedAt: 0, version: "1" },
    facts,
    problems: [],
    notes: { origin, verification },
    sameSlug: [],
    ...more,
  };
}

const isTouchable = (backup: BackupAtLocation): boolean =>
  reasonsToLeaveAlone(copyFacts(backup, installation), {
    now: Date.parse("2026-12-01T00:00:00Z"),
    slugIsAlone: true,
  }).length === 0;

test("a backup of this installation with whole notes is known in every respect", () => {
  assert.deepEqual(copyFacts(found(), installation), {
    slug: "0123abcd",
    date: Date.parse(facts.date),
    owner: "this",
    pinned: false,
    state: "present",
    verification: "proven",
    plan: "nightly",
  });
});

test("onedrive#9, samba-backup: backups of another installation at the same place are not ours", () => {
  assert.equal(copyFacts(found(), "another").owner, "other");
  const foreign = found({ facts: { ...facts, extra: {} } });
  assert.equal(copyFacts(foreign, installation).owner, "unknown", "of Home Assistant, or of hand");
});

test("no notes make a backup ours that does not say so itself", () => {
  for (const extra of [{}, { safehouse: { origin: { ...origin, installation: "another" } } }]) {
    const backup = found({ facts: { ...facts, extra } });
    assert.equal(isTouchable(backup), false);
  }
});

test("gdrive#901: what is not known of a pin counts as a pin", () => {
  for (const notes of [undefined, null, [], "pinned", {}, { verification }, { origin: 7 }])
    assert.equal(copyFacts(found({ notes }), installation).pinned, undefined);
  for (const pin of [null, "no", {}, { pinned: "no" }, { pinned: 0 }])
    assert.equal(copyFacts(found({ notes: { origin, pin } }), installation).pinned, undefined);
  const pinned = (pin: unknown): unknown =>
    copyFacts(found({ notes: { origin, pin } }), installation).pinned;
  assert.equal(pinned({ pinned: true, at: "" }), true);
  assert.equal(pinned({ pinned: false, at: "" }), false);
});

test("notes that are about another plan or installation keep what they lie beside", () => {
  for (const other of [
    { installation },
    { ...origin, plan: "weekly" },
    { installation: "another", plan: "nightly" },
  ])
    assert.equal(isTouchable(found({ notes: { origin: other } })), false);
});

test("damage to notes lets nothing go that was kept", () => {
  const pinnedNotes = JSON.stringify({ pin: { pinned: true, at: "now" }, origin, verification });
  const property = fc.property(fc.nat(pinnedNotes.length - 1), fc.nat(255), (at, byte) => {
    const bytes = Buffer.from(pinnedNotes);
    bytes[at] = byte;
    const notes = parsed(bytes.toString());
    // A byte that turns `pin` into another word that is not known here is no damage but another statement.
    fc.pre(typeof notes !== "object" || notes === null || "pin" in notes);
    assert.equal(isTouchable(found({ notes })), false);
  });
  fc.assert(property, { numRuns: loops(500) });
});

test("an archive that cannot be read is nobody's, and one with damage is known to have it", () => {
  const problems = [{ problem: "truncated", message: "It ends too early" }] as const;
  const unread = copyFacts(found({ facts: undefined, problems }), installation);
  assert.deepEqual(
    [unread.slug, unread.owner, unread.date, unread.state],
    ["nightly.tar", "unknown", undefined, "damaged"],
  );
  assert.equal(copyFacts(found({ problems }), installation).state, "damaged");
});

test("a backup that was found damaged when it was read counts as failed, one only looked at as unverified", () => {
  const after = (verdict: string): string =>
    copyFacts(
      found({ notes: { origin, verification: { ...verification, verdict } } }),
      installation,
    ).verification;
  assert.deepEqual(["proven", "readable", "damaged", "missing", "present", "splendid"].map(after), [
    "proven",
    "readable",
    "failed",
    "failed",
    "unverified",
    "unverified",
  ]);
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
