import type { MountPlace, MountWish } from "#api/supervisor/mounts/mounts-port.ts";
import type { DescribedLocation } from "#jobs/locations/location-set-up.ts";

/** Kinds of locations that mounts become, by the type of the mount. */
const kinds = { cifs: "smb", nfs: "nfs" } as const;
/** Ports of the protocols themselves. */
const usualPorts = { cifs: 445, nfs: 2049 } as const;

/** The kind of location that a mount becomes, and its settings as a person would type them. */
export function locationOfMount(mount: MountWish): {
  readonly kind: string;
  readonly settings: Readonly<Record<string, string>>;
} {
  const { type, server, port = usualPorts[type] } = mount;
  const place = { server, port: String(port) };
  const kind = kinds[type];
  if (mount.type === "nfs") return { kind, settings: { ...place, path: mount.path } };
  const { share, version = "", login } = mount;
  const { user, password } = login ?? { user: "", password: "" };
  return { kind, settings: { ...place, share, version, user, password } };
}

/** A location as the mount that it is; undefined for other locations. */
export function mountOfLocation({
  name,
  kind,
  settings,
}: DescribedLocation): MountPlace | undefined {
  const text = (field: string): string => String(settings[field] ?? "");
  const server = text("server");
  if (kind === kinds.nfs) {
    const port = portOf(settings["port"], usualPorts.nfs);
    return { type: "nfs", name, server, port, path: text("path") };
  }
  if (kind !== kinds.cifs) return undefined;
  const port = portOf(settings["port"], usualPorts.cifs);
  const version = (["1.0", "2.0"] as const).find((known) => known === text("version"));
  return { type: "cifs", name, server, port, share: text("share"), version };
}

function portOf(stored: unknown, usual: number): number | undefined {
  const port = Number(stored ?? usual);
  return port === usual || !Number.isSafeInteger(port) ? undefined : port;
}
