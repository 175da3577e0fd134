import { readFile } from "node:fs/promises";
import { networkInterfaces, type as systemType } from "node:os";
import type {
  HomeDescription,
  NetworkInterface,
  SupervisorInfo,
} from "#api/supervisor/info/info-port.ts";
import type { InstallationState } from "#installation/installation.ts";
import { inOwnWords, type HomeTools } from "./home-tools.ts";

/** The home and this machine. */
export class HomeInfo implements SupervisorInfo {
  readonly #tools: HomeTools;

  constructor(tools: HomeTools) {
    this.#tools = tools;
  }

  async describe(): Promise<HomeDescription> {
    const { homeassistantVersion, addons } = await this.installation();
    return {
      version: homeassistantVersion,
      hostname: this.#tools.context.services.hostname,
      operatingSystem: await operatingSystem(),
      arch: process.arch,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      addons: addons.map(({ slug, name, version }) => ({ slug, name, version })),
      networkInterfaces: ownInterfaces(),
    };
  }

  /** What there is to back up. Rejects with `usage` where no home is known. */
  async installation(): Promise<InstallationState> {
    const { services, place, signal } = this.#tools.context;
    return inOwnWords(services, async () => {
      await using home = await services.openHome(place);
      return await home.installation.describe(signal);
    });
  }
}

/** As the system calls itself, else what kind of system it is. */
async function operatingSystem(): Promise<string> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  return /^PRETTY_NAME="?([^"\n]+)"?$/mu.exec(release)?.[1] ?? systemType();
}

function ownInterfaces(): readonly NetworkInterface[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) => {
    const outward = addresses.filter(({ internal }) => !internal);
    const of = (wanted: string): string[] =>
      outward.flatMap(({ family, cidr }) => (family === wanted && cidr !== null ? [cidr] : []));
    return outward.length === 0 ? [] : [{ name, ipv4: of("IPv4"), ipv6: of("IPv6") }];
  });
}
