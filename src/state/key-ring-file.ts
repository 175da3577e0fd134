import { join } from "node:path";
import { SafehouseError } from "#core/model/problem.ts";
import type { KeyRing, KeyRingChange, KeyRingStore, Reveal, RingKey } from "#keys/key-ring-port.ts";
import {
  damagedDocument,
  isObject,
  ofHome,
  readHomeDocument,
  type HomeDocument,
  type JsonObject,
} from "./home-document.ts";
import type { State } from "./open-state.ts";
import { replaceFile } from "./replace-file.ts";
import { SecretBox } from "./secret-box.ts";

const kind = {
  name: "encryption keys",
  advice:
    "Put the file back from a copy; without one, move it away and import each key from its emergency kit with: safehouse keys import",
};

/**
 * The key ring of a home in `keys.json`, a file of its own: unlike the state file it cannot be rebuilt, so a
 * damaged one is never replaced. The keys themselves are sealed, each for its home and id.
 */
export class KeyRingFile implements KeyRingStore {
  readonly #path: string;
  readonly #home: string;
  readonly #state: State;
  readonly #box: SecretBox;

  /**
   * @param home id of the home
   * @param state serves as the lock between processes
   */
  constructor(dataDirectory: string, home: string, state: State) {
    this.#path = join(dataDirectory, "keys.json");
    this.#home = home;
    this.#state = state;
    this.#box = new SecretBox(dataDirectory);
  }

  async read(): Promise<KeyRing> {
    return this.#load().ring;
  }

  async reveal(id: string): Promise<string> {
    return this.#reveal(this.#load(), id);
  }

  async change(decide: (ring: KeyRing, reveal: Reveal) => KeyRingChange): Promise<KeyRing> {
    return this.#state.transact(() => {
      const before = this.#load();
      const change = decide(before.ring, (id) => this.#reveal(before, id));
      this.#save(before, change);
      return change.ring;
    });
  }

  #load(): LoadedRing {
    const document = readHomeDocument(this.#path, kind);
    const stored = ofHome(document, this.#home);
    const ring = parseRing(stored);
    if (ring === undefined) throw damagedDocument(this.#path, kind);
    return { document, stored, ...ring };
  }

  #save(before: LoadedRing, { ring, added }: KeyRingChange): void {
    const { current } = ring;
    const keys = ring.keys.map((key) => {
      const secret = added?.get(key.id);
      const sealed = secret === undefined ? {} : { sealed: this.#box.seal(secret, this.#for(key)) };
      return { ...before.records.get(key.id), ...key, ...sealed };
    });
    const home = { ...before.stored, current, keys };
    const homes = { ...before.document.homes, [this.#home]: home };
    replaceFile(this.#path, `${JSON.stringify({ ...before.document, homes }, undefined, 2)}\n`);
  }

  #reveal({ records }: LoadedRing, id: string): string {
    const record = records.get(id);
    if (record === undefined)
      throw new SafehouseError("not-found", `There is no key ${id} in ${this.#path}`);
    return this.#box.open(record.sealed, this.#for({ id }));
  }

  #for({ id }: Pick<RingKey, "id">): string {
    return `backup key ${id} of ${this.#home}`;
  }
}

type SealedKey = JsonObject & { readonly sealed: string };

interface ParsedRing {
  readonly ring: KeyRing;
  /** As they lie in the file, by id. */
  readonly records: ReadonlyMap<string, SealedKey>;
}

interface LoadedRing extends ParsedRing {
  readonly document: HomeDocument;
  readonly stored: JsonObject;
}

/** Undefined for what is no ring: half of one must not pass for the whole. */
function parseRing({ current, keys: stored = [] }: JsonObject): ParsedRing | undefined {
  if (!Array.isArray(stored)) return undefined;
  const keys: RingKey[] = [];
  const records = new Map<string, SealedKey>();
  for (const record of stored as readonly unknown[]) {
    const key = isObject(record) ? parseKey(record) : undefined;
    if (!isSealed(record) || key === undefined || records.has(key.id)) return undefined;
    keys.push(key);
    records.set(key.id, record);
  }
  if (current === undefined) return { ring: { current, keys }, records };
  if (typeof current !== "string" || !records.has(current)) return undefined;
  return { ring: { current, keys }, records };
}

function parseKey({ id, name, origin, madeAt, provenAt }: JsonObject): RingKey | undefined {
  if (origin !== "generated" && origin !== "imported") return undefined;
  if (typeof id !== "string" || typeof name !== "string" || typeof madeAt !== "string")
    return undefined;
  if (provenAt !== undefined && typeof provenAt !== "string") return undefined;
  return { id, name, origin, madeAt, provenAt };
}

function isSealed(record: unknown): record is SealedKey {
  return isObject(record) && typeof record["sealed"] === "string";
}
