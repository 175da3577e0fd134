import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { AccessRecord } from "./access-port.ts";
import { isLive, newSession, withSession } from "./sessions.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
const start = Date.UTC(2026, 0, 2);

const empty: AccessRecord = {
  password: undefined,
  environmentPassword: undefined,
  setUp: undefined,
  sessions: [],
  tokens: [],
};

const client = { userAgent: "x".repeat(10_000), address: "192.0.2.1" };

test("a session ends 14 days after its last use, or 90 days after its beginning", () => {
  const { session } = newSession("signed-in", client, start);
  assert.equal(isLive(session, start + 14 * day - 1), true);
  assert.equal(isLive(session, start + 14 * day), false);
  const used = { ...session, lastUsedAt: new Date(start + 89 * day).toISOString() };
  assert.equal(isLive(used, start + 90 * day - 1), true);
  assert.equal(isLive(used, start + 90 * day), false);
});

test("a session that sets up ends after an hour", () => {
  const { session } = newSession("set-up", client, start);
  assert.equal(isLive(session, start + 60 * minute - 1), true);
  assert.equal(isLive(session, start + 60 * minute), false);
});

test("of too many sessions the one longest unused ends, and those that have ended leave", () => {
  let record = empty;
  for (let count = 0; count < 150; count += 1)
    record = withSession(
      record,
      newSession("signed-in", client, start + count * minute).session,
      start + count * minute,
    );
  assert.equal(record.sessions.length, 100);
  const oldest = Math.min(...record.sessions.map(({ madeAt }) => Date.parse(madeAt)));
  assert.equal(oldest, start + 50 * minute);
  const later = start + 30 * day;
  const { session } = newSession("signed-in", client, later);
  assert.deepEqual(withSession(record, session, later).sessions, [session]);
});

test("what a browser says of itself does not fill the disk", () => {
  assert.equal(newSession("signed-in", client, start).session.userAgent?.length, 200);
});
