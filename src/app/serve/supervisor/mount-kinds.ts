import type { MountPlace, MountWish } from "#api/supervisor/mounts/mounts-port.ts";
import { SafehouseError } from "#core/model/problem.ts";
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
  const place = { host: server, port: String(port) };
  const kind = kinds[type];
  if (mount.type === "nfs") return { kind, settings: { ...place, export: mount.path } };
  const { share, version, login } = mount;
  // Version 1 has no signatures worth the name, and is spoken by none of the programs that we use.
  if (version === "1.0")
    throw new SafehouseError("unsupported", "Version 1.0 of SMB is not spoken", {
      subject: "version",
    });
  const { user, password } = login ?? { user: "", password: "" };
  return { kind, settings: { ...place, share, user, password } };
}

/** A location as the mount that it is; undefined for other locations. */
export function mountOfLocation({
  name,
  kind,
  settings,
}: DescribedLocation): MountPlace | undefined {
  const text = (field: string): string => String(settings[field] ?? "");
  const server = text("host");
  if (kind === kinds.nfs) {
    const port = portOf(settings["port"], usualPorts.nfs);
    return { type: "nfs", name, server, port, path: text("export") };
  }
  if (kind !== kinds.cifs) return undefined;
  const port = portOf(settings["port"], usualPorts.cifs);
  return { type: "cifs", name, server, port, share: text("share"), version: undefined };
}

function portOf(stored: unknown, usual: number): number | undefined {
  const port = Number(stored ?? usual);
  return port === usual || !Number.isSafeInteger(port) ? undefined : port;
}
