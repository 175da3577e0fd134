/** The home and the machine, for clients that ask who is there. */
export interface SupervisorInfo {
  describe(): Promise<HomeDescription>;
}

export interface HomeDescription {
  /** Of Home Assistant; undefined if it is not known. */
  readonly version: string | undefined;
  readonly hostname: string;
  /** Name of the operating system, for people. */
  readonly operatingSystem: string;
  /** As Node names it: `x64`, `arm64`. */
  readonly arch: string;
  /** IANA name. */
  readonly timeZone: string;
  readonly addons: readonly InstalledAddon[];
  /** Without those that lead back to the machine itself. */
  readonly networkInterfaces: readonly NetworkInterface[];
}

export interface InstalledAddon {
  readonly slug: string;
  readonly name: string;
  readonly version: string;
}

export interface NetworkInterface {
  readonly name: string;
  /** `192.168.1.2/24`. */
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
}
