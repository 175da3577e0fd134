import type { KeptMount } from "./mounts-port.ts";

/** A mount as the Supervisor answers it, without secrets. */
export function mountAnswer(mount: KeptMount): Record<string, unknown> {
  const { name, type, server, port, state } = mount;
  const place = { name, type, usage: "backup", server, read_only: false, state, user_path: null };
  const known = port === undefined ? place : { ...place, port };
  if (mount.type === "nfs") return { ...known, path: mount.path };
  return { ...known, share: mount.share, version: mount.version ?? null };
}
