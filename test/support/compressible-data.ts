import { randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";

/** Kinds of data that a home holds, and some that compressors stumble over. */
export type DataKind = "text" | "zeros" | "random" | "database" | "mixed" | "short-repeats";

export const dataKinds: readonly DataKind[] = [
  "text",
  "zeros",
  "random",
  "database",
  "mixed",
  "short-repeats",
];

// Made once: the database takes a while.
let text: Uint8Array | undefined;
let database: Uint8Array | undefined;

/** `length` bytes of a kind. */
export function sampleData(kind: DataKind, length: number): Uint8Array {
  switch (kind) {
    case "text":
      text ??= configurationText();
      return fill(length, text);
    case "zeros":
      return new Uint8Array(length);
    case "random":
      return Uint8Array.from(randomBytes(length));
    case "database":
      database ??= databasePages();
      return fill(length, database);
    case "mixed":
      return mixed(length);
    case "short-repeats":
      return fill(length, Buffer.from("abc"));
  }
}

function fill(length: number, content: Uint8Array): Uint8Array {
  return Uint8Array.from(Buffer.alloc(length, content));
}

function configurationText(): Uint8Array {
  const lines = Array.from(
    { length: 4000 },
    (_, i) =>
      `- id: '${(i * 7919) % 100_003}'\n  alias: Light ${i}\n  entity_id: light.room_${i % 37}\n`,
  );
  return Buffer.from(lines.join(""));
}

function databasePages(): Uint8Array {
  using connection = new DatabaseSync(":memory:");
  connection.exec(
    "CREATE TABLE states (id INTEGER PRIMARY KEY, state TEXT, at REAL, context BLOB)",
  );
  const insert = connection.prepare("INSERT INTO states (state, at, context) VALUES (?, ?, ?)");
  connection.exec("BEGIN");
  for (let i = 0; i < 20_000; i += 1) {
    insert.run(String((i * 31) % 400), 1_780_000_000 + i * 1.7, randomBytes(16));
  }
  connection.exec("COMMIT");
  return connection.serialize();
}

/** Stretches of every other kind in turn, so that stored and compressed blocks meet. */
function mixed(length: number): Uint8Array {
  const kinds: readonly DataKind[] = ["text", "random", "database", "zeros", "random"];
  const result = new Uint8Array(length);
  for (let at = 0, turn = 0; at < length; turn += 1) {
    const stretch = Math.min(length - at, 5_000 + ((turn * 37_123) % 90_000));
    result.set(sampleData(kinds[turn % kinds.length] ?? "text", stretch), at);
    at += stretch;
  }
  return result;
}
