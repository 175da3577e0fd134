import type { ApiVersion } from "../api-version.ts";
import type { HomeDescription, InstalledAddon, NetworkInterface } from "./info-port.ts";

/** The release of the Supervisor whose API this is. */
export const spokenVersion = "2026.08.0";

/** Answer of `/info`. @param state of the home: `running` or `freeze` */
export function rootInfo(home: HomeDescription, state: string): Record<string, unknown> {
  const arch = officialArch(home.arch);
  return {
    supervisor: spokenVersion,
    homeassistant: home.version ?? null,
    hassos: null,
    docker: "",
    hostname: home.hostname,
    operating_system: home.operatingSystem,
    features: [],
    machine: null,
    machine_id: null,
    arch,
    state,
    supported_arch: [arch],
    supported: true,
    channel: "stable",
    logging: "info",
    timezone: home.timeZone,
  };
}

/** Answer of `/supervisor/info`. */
export function supervisorInfo(
  home: HomeDescription,
  version: ApiVersion,
): Record<string, unknown> {
  const info = {
    version: spokenVersion,
    version_latest: spokenVersion,
    update_available: false,
    channel: "stable",
    arch: officialArch(home.arch),
    supported: true,
    healthy: true,
    ip_address: ownAddress(home),
    timezone: home.timeZone,
    logging: "info",
    debug: false,
    debug_block: false,
    diagnostics: false,
    auto_update: false,
    country: null,
    detect_blocking_io: false,
    feature_flags: {},
  };
  if (version === 2) return info;
  const addons = home.addons.map(addonInfo);
  return { ...info, wait_boot: 5, addons, addons_repositories: [] };
}

/** Answer of `/core/info`. */
export function coreInfo(home: HomeDescription): Record<string, unknown> {
  const version = home.version ?? null;
  return {
    version,
    version_latest: version,
    update_available: false,
    machine: null,
    arch: officialArch(home.arch),
    ip_address: ownAddress(home),
    boot: true,
    port: 8123,
    ssl: false,
    watchdog: false,
    backups_exclude_database: false,
  };
}

/** Answer of `/host/info`. */
export function hostInfo(home: HomeDescription): Record<string, unknown> {
  return {
    hostname: home.hostname,
    operating_system: home.operatingSystem,
    timezone: home.timeZone,
    features: [],
  };
}

/** Answer of `/network/info`. */
export function networkInfo({ networkInterfaces }: HomeDescription): Record<string, unknown> {
  const interfaces = networkInterfaces.map(({ name, ipv4, ipv6 }) => ({
    interface: name,
    enabled: true,
    connected: true,
    ipv4: { address: ipv4 },
    ipv6: { address: ipv6 },
  }));
  return { interfaces, host_internet: null, supervisor_internet: true };
}

/** An add-on as lists show it. What we cannot know of it is said to be absent. */
export function addonInfo({ slug, name, version }: InstalledAddon): Record<string, unknown> {
  return {
    slug,
    name,
    version,
    version_latest: version,
    update_available: false,
    description: "",
    repository: slug.split("_", 1)[0] ?? slug,
    state: "unknown",
    stage: "stable",
    advanced: false,
    available: true,
    build: false,
    detached: false,
    homeassistant: null,
    icon: false,
    logo: false,
    url: null,
  };
}

function officialArch(arch: string): string {
  return { x64: "amd64", arm64: "aarch64" }[arch] ?? arch;
}

function ownAddress({ networkInterfaces }: HomeDescription): string {
  const [first] = networkInterfaces.flatMap(({ ipv4 }: NetworkInterface) => ipv4);
  return first?.split("/")[0] ?? "127.0.0.1";
}
