import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { SQLOutputValue } from "node:sqlite";

/** What a database says of itself and holds. */
export interface DatabaseContent {
  /** `ok`, or what is wrong. */
  readonly integrity: unknown;
  readonly rows: Record<string, SQLOutputValue>[];
}

/** Reads a database that nobody uses, from a copy: opening it would change what lies beside it. */
export function readDatabase(path: string, query: string): DatabaseContent {
  const folder = mkdtempSync(join(tmpdir(), "safehouse-rows-"));
  try {
    const copy = join(folder, "copy.db");
    for (const end of ["", "-wal"])
      if (existsSync(path + end)) copyFileSync(path + end, copy + end);
    using database = new DatabaseSync(copy);
    const integrity = database.prepare("PRAGMA integrity_check").get()?.["integrity_check"];
    return { integrity, rows: database.prepare(query).all() };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
