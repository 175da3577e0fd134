import { randomBytes } from "node:crypto";
import { SafehouseError } from "#core/model/problem.ts";
import type { KeyRing, KeyRingStore, RingKey } from "./key-ring-port.ts";

/** A key that is to come into the ring. */
export interface NewKey {
  /** The key itself, any password. */
  readonly secret: string;
  /** Undefined gives a name that says when it came. */
  readonly name: string | undefined;
  readonly origin: RingKey["origin"];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Encrypt new backups with it from now on; the first key of a ring is used in any case. */
  readonly use: boolean;
}

/** Adds a key; the others stay. Rejects with `already-exists`, and the id, for a password that is there. */
export async function addKey(store: KeyRingStore, added: NewKey): Promise<RingKey> {
  const { secret, origin, now, use } = added;
  const madeAt = new Date(now).toISOString();
  const name = added.name ?? `${defaultNames[origin]} ${madeAt.slice(0, 10)}`;
  let key: RingKey | undefined;
  await store.change((ring, reveal) => {
    const twin = ring.keys.find(({ id }) => reveal(id) === secret);
    if (twin !== undefined) throw isThere(twin);
    key = { id: freeId(ring), name, origin, madeAt, provenAt: undefined };
    const current = use ? key.id : (ring.current ?? key.id);
    return { ring: { current, keys: [...ring.keys, key] }, added: new Map([[key.id, secret]]) };
  });
  if (key === undefined) throw new Error("The key ring was not changed");
  return key;
}

const defaultNames = { generated: "Key of", imported: "Imported" };

function freeId(ring: KeyRing): string {
  const id = randomBytes(3).toString("hex");
  return ring.keys.some((key) => key.id === id) ? freeId(ring) : id;
}

function isThere({ id, name }: RingKey): SafehouseError {
  return new SafehouseError(
    "already-exists",
    `This password is in the key ring already: ${id} "${name}"`,
    {
      subject: id,
    },
  );
}
