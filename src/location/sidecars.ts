import type { IndexSink, IndexStore } from "#archive/ports.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { ByteSource } from "#core/ports.ts";
import { StorageError } from "#storage/errors.ts";
import type { StorageProvider } from "#storage/provider.ts";
import { indexKey, notesKey } from "./backup-files.ts";

/** What is kept beside the backups of a location, one small document and one index for each slug. */
export class Sidecars {
  readonly #storage: StorageProvider;

  constructor(storage: StorageProvider) {
    this.#storage = storage;
  }

  /** Notes on a backup; undefined if there are none. `damaged` if they are not JSON. */
  async readNotes(slug: string, signal: AbortSignal): Promise<unknown> {
    const key = notesKey(slug);
    const source = await this.#openOrMissing(key, signal);
    if (source === undefined) return undefined;
    try {
      return await readNotesIn(source, key);
    } finally {
      await source.close();
    }
  }

  /** Replaces the notes on a backup. They must be a JSON value. */
  async writeNotes(slug: string, notes: unknown, signal: AbortSignal): Promise<void> {
    const text = JSON.stringify(notes, undefined, 2);
    if (text === undefined) throw new TypeError("Notes must be a JSON value");
    const bytes = new TextEncoder().encode(`${text}\n`);
    if (bytes.length > largestNotes) throw new RangeError(`Notes of ${bytes.length} bytes`);
    async function* open() {
      yield bytes;
    }
    const content = { open, size: bytes.length, overwrite: true };
    await this.#storage.write(notesKey(slug), content, signal);
  }

  /** Indexes of the backups, as the archive engine wants them. */
  indexes(signal: AbortSignal): IndexStore {
    return {
      open: async (slug) => this.#openOrMissing(indexKey(slug), signal),
      create: async (slug): Promise<IndexSink> =>
        this.#storage.openWrite(indexKey(slug), { overwrite: true }, signal),
    };
  }

  async remove(slug: string, signal: AbortSignal): Promise<void> {
    await this.#storage.remove(notesKey(slug), signal);
    await this.#storage.remove(indexKey(slug), signal);
  }

  async #openOrMissing(key: string, signal: AbortSignal): Promise<ByteSource | undefined> {
    try {
      return await this.#storage.open(key, signal);
    } catch (error) {
      if (error instanceof StorageError && error.problem === "not-found") return undefined;
      throw error;
    }
  }
}

const largestNotes = 1024 * 1024;

/** Notes from their object; `damaged` if they are not JSON. */
export async function readNotesIn(source: ByteSource, key: string): Promise<unknown> {
  return parseNotes(await readNotesText(source, key), key);
}

async function readNotesText(source: ByteSource, key: string): Promise<string> {
  if (source.size > largestNotes) {
    throw new SafehouseError("damaged", `${key} is too large for notes`, { subject: key });
  }
  return new TextDecoder().decode(await source.read(0, source.size));
}

function parseNotes(text: string, key: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SafehouseError("damaged", `${key} is no JSON document`, {
      subject: key,
      cause: error,
    });
  }
}
