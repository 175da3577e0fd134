import type { SafehouseError } from "#core/model/problem.ts";
import { backupKeys, type BackupKeys } from "./backup-keys.ts";
import type { KeyRing, KeyRingStore, RingKey } from "./key-ring-port.ts";
import { keysToTry } from "./keys-to-try.ts";

/** An encrypted archive, as far as keys are tried on it. */
export interface Lock {
  /** When the archive was made, as it says itself. */
  readonly date: string;
  /** Why keys do not open it; undefined if they do. A tenth of a second for SecureTar v3. */
  refusal(keys: BackupKeys): Promise<SafehouseError | undefined>;
}

/** A key of the ring and what it opens. */
export interface OpenKey {
  readonly key: RingKey;
  readonly keys: BackupKeys;
}

/** The ring of a home for as long as a command runs: it is read once, and each key of it is. */
export class OpenRing {
  readonly #store: KeyRingStore;
  readonly #opened = new Map<string, BackupKeys>();
  #ring: Promise<KeyRing> | undefined;

  constructor(store: KeyRingStore) {
    this.#store = store;
  }

  read(): Promise<KeyRing> {
    this.#ring ??= this.#store.read();
    return this.#ring;
  }

  /** The key that new backups are encrypted with; undefined if there is none. */
  async current(): Promise<OpenKey | undefined> {
    const { current, keys } = await this.read();
    const key = keys.find(({ id }) => id === current);
    return key && { key, keys: await this.keysOf(key) };
  }

  /** What a key of the ring opens. */
  async keysOf({ id }: RingKey): Promise<BackupKeys> {
    const known = this.#opened.get(id);
    if (known !== undefined) return known;
    const keys = backupKeys(await this.#store.reveal(id));
    this.#opened.set(id, keys);
    return keys;
  }

  /** The key that opens an archive; undefined if none does. */
  async match(lock: Lock): Promise<OpenKey | undefined> {
    for (const key of keysToTry(await this.read(), lock.date)) {
      const keys = await this.keysOf(key);
      if ((await lock.refusal(keys)) === undefined) return { key, keys };
    }
    return undefined;
  }
}
