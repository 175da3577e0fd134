import type { KeyRing, KeyRingStore } from "#keys/key-ring-port.ts";

/** A key ring that is gone with the test. */
export function memoryKeyRing(): KeyRingStore {
  let ring: KeyRing = { current: undefined, keys: [] };
  const secrets = new Map<string, string>();
  const reveal = (id: string): string => {
    const secret = secrets.get(id);
    if (secret === undefined) throw new Error(`There is no key ${id}`);
    return secret;
  };
  return {
    read: async () => ring,
    reveal: async (id) => reveal(id),
    change: async (decide) => {
      const change = decide(ring, reveal);
      for (const [id, secret] of change.added ?? []) secrets.set(id, secret);
      ring = change.ring;
      return ring;
    },
  };
}
