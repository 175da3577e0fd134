import { StorageError } from "../errors.ts";
import type { StorageProvider } from "../provider.ts";

/** The same place, but nothing in it can be changed: every change rejects with `read-only`. */
export function readOnly(inner: StorageProvider): StorageProvider {
  const refuse = (key: string): Promise<never> =>
    Promise.reject(
      new StorageError("read-only", `${key} cannot be changed: this location is read-only`, {
        key,
      }),
    );
  return {
    kind: inner.kind,
    features: { ...inner.features, incoming: false },
    write: refuse,
    openWrite: refuse,
    remove: refuse,
    read: (key, range, signal) => inner.read(key, range, signal),
    open: (key, signal) => inner.open(key, signal),
    stat: (key, signal) => inner.stat(key, signal),
    list: (prefix, signal) => inner.list(prefix, signal),
    freeSpace: (signal) => inner.freeSpace(signal),
    ...(inner.matches === undefined ? {} : { matches: inner.matches.bind(inner) }),
    ...(inner.settlement === undefined ? {} : { settlement: inner.settlement.bind(inner) }),
    // Leftovers of others are not ours to remove here, and we leave none.
    removeLeftovers: () => Promise.resolve([]),
  };
}
