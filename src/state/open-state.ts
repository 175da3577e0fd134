import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "#core/ports.ts";
import { openDatabase } from "./open-database.ts";
import { asStateError, isCorruption, isMissing } from "./state-error.ts";

export interface StateOptions {
  /** Created for its owner alone if it is missing. */
  readonly dataDirectory: string;
  readonly clock: Clock;
  /** Receives a sentence when something had to be given up and rebuilt. */
  readonly notice: (sentence: string) => void;
}

/** Opens the state file of a data directory, `safehouse.db`. Close it with `using`. */
export function openState(options: StateOptions): State {
  return new State(options);
}

/**
 * The state file. It is opened when it is first used. What lies in it can be rebuilt, so a damaged file
 * is moved aside, with a notice, and begun anew.
 */
export class State implements Disposable {
  readonly #options: StateOptions;
  readonly #path: string;
  #database: DatabaseSync | undefined;

  constructor(options: StateOptions) {
    this.#options = options;
    this.#path = join(options.dataDirectory, "safehouse.db");
  }

  /**
   * Runs work on the database. It is run again if the file turned out to be damaged. Throws `busy` if another process held the file for five seconds.
   */
  run<Result>(work: (database: DatabaseSync) => Result): Result {
    try {
      return this.#attempt(work);
    } catch (error) {
      if (!isCorruption(error)) throw error;
      this.#moveAside();
      return this.#attempt(work);
    }
  }

  /** Runs work that reads, as of one moment: nobody's changes come in between. Nobody is kept waiting. */
  snapshot<Result>(work: (database: DatabaseSync) => Result): Result {
    return this.run((database) => {
      database.exec("BEGIN");
      try {
        return work(database);
      } finally {
        // Some failures of SQLite have ended it already.
        if (database.isTransaction) database.exec("ROLLBACK");
      }
    });
  }

  /**
   * Runs work in one transaction that excludes every other writer, in this process and in others. It
   * is undone if the work throws.
   */
  transact<Result>(work: (database: DatabaseSync) => Result): Result {
    return this.run((database) => {
      database.exec("BEGIN IMMEDIATE");
      try {
        const result = work(database);
        database.exec("COMMIT");
        return result;
      } catch (error) {
        // Some failures of SQLite have rolled back already.
        if (database.isTransaction) database.exec("ROLLBACK");
        throw error;
      }
    });
  }

  [Symbol.dispose](): void {
    this.#database?.close();
    this.#database = undefined;
  }

  #attempt<Result>(work: (database: DatabaseSync) => Result): Result {
    try {
      this.#database ??= this.#open();
      return work(this.#database);
    } catch (error) {
      throw asStateError(error, this.#path);
    }
  }

  #open(): DatabaseSync {
    mkdirSync(this.#options.dataDirectory, { recursive: true, mode: 0o700 });
    return openDatabase(this.#path);
  }

  #moveAside(): void {
    this[Symbol.dispose]();
    const time = new Date(this.#options.clock.now()).toISOString().replaceAll(":", ".");
    const aside = `${this.#path}.damaged-${time}`;
    // The file first: without it, its side files belong to nothing that another process could open.
    for (const suffix of ["", "-wal", "-shm"]) renameIfThere(this.#path + suffix, aside + suffix);
    this.#options.notice(
      `The state file was damaged; it was moved to ${aside} and is rebuilt from the backups`,
    );
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
