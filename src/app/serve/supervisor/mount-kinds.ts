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
  const { type, server } = mount;
  const port = String(mount.port ?? usualPorts[type]);
  const kind = kinds[type];
  if (mount.type === "nfs") return { kind, settings: { host: server, port, export: mount.path } };
  // Version 1 has no signatures worth the name.
  if (mount.version === "1.0")
    throw new SafehouseError("unsupported", "Version 1.0 of SMB is not spoken", {
      subject: "version",
    });
  const { version, login = { user: "", password: "" } } = mount;
  // The Supervisor takes folders of a share as part of its name.
  const [share = "", ...folders] = mount.share.split("/");
  const oldest = version === undefined ? {} : { minimumProtocol: version };
  const settings = { host: server, port, share, path: folders.join("/"), ...login, ...oldest };
  return { kind, settings };
}

/** A location as the mount that it is; undefined for other locations. */
export function mountOfLocation({
  name,
  kind,
  settings,
}: DescribedLocation): MountPlace | undefined {
  const text = (field: string): string => String(settings[field] ?? "");
  if (kind === kinds.nfs) {
    const server = text("host");
    const port = portOf(settings["port"], usualPorts.nfs);
    return { type: "nfs", name, server, port, path: text("export") };
  }
  if (kind !== kinds.cifs) return undefined;
  const port = portOf(settings["port"], usualPorts.cifs);
  const version = text("minimumProtocol") === "2.0" ? "2.0" : undefined;
  const share = [text("share"), ...text("path").split("/")].filter((part) => part !== "").join("/");
  return { type: "cifs", name, server: text("host"), port, share, version };
}

function portOf(stored: unknown, usual: number): number | undefined {
  const port = Number(stored ?? usual);
  return port === usual || !Number.isSafeInteger(port) ? undefined : port;
}
