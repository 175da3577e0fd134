import type { Uploads } from "#location/uploads-port.ts";

/** How uploads go on, for one place. */
export function memoryUploads(): Uploads {
  const states = new Map<string, string>();
  return {
    read: async (_, key) => states.get(key),
    keep: async (_, key, state) => void states.set(key, state),
    forget: async (_, key) => void states.delete(key),
  };
}
