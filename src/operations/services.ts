import type { ArchiveTools } from "#jobs/archive/archive-tools.ts";
import type { IncomingFiles } from "#jobs/backup/incoming-files.ts";
import type { BackupTools } from "#jobs/backup/make-backup.ts";
import type { Installation, ServiceOptions } from "#jobs/home.ts";
import type { OpenedLocation, OpenLocationById } from "#jobs/open-location-port.ts";
import type { RunTools } from "#jobs/runs/run-tools.ts";
import type { AccessTools } from "#access/access-tools.ts";
import type { HomeLocations } from "#jobs/locations/home-locations.ts";
import type { Seen } from "#jobs/locations/look-at.ts";
import type { LocationSetUp } from "#jobs/locations/location-set-up.ts";
import type { HomePlans } from "#jobs/plan/home-plans.ts";
import type { ArrivalStore } from "#jobs/arrival-store-port.ts";
import type { InboxStore } from "#jobs/inbox-store-port.ts";
import type { SharingStore } from "#jobs/sharing-store-port.ts";
import type { SettingsStores } from "#jobs/settings/settings-stores.ts";
import type { AlertNews } from "#core/alerts/alert.ts";
import type { Channel } from "#core/notifications/channel.ts";
import type { AlertStore } from "#jobs/alert-store-port.ts";
import type { ChannelStore } from "#jobs/channel-store-port.ts";
import type { NotificationChannel } from "#jobs/notification-port.ts";
import type { Rule } from "#core/rules/rule.ts";
import type { KeyRingStore } from "#keys/key-ring-port.ts";
import type { EmergencyKit } from "#keys/kit/emergency-kit.ts";

/** Where a home and our own data lie, as a person says it on the command line. */
export interface PlaceFlags {
  readonly dataDir?: string | undefined;
  readonly home?: string | undefined;
  readonly config?: string | undefined;
  readonly share?: string | undefined;
  readonly ssl?: string | undefined;
  readonly media?: string | undefined;
  readonly addonsLocal?: string | undefined;
  readonly addonData?: string | undefined;
  readonly location?: string | undefined;
}

/** Work with backups at any location of a home. None of them is asked before it is opened. */
export interface OpenPlaces extends AsyncDisposable {
  /** Id of the location that is named, or of the default one. */
  readonly chosen: string;
  /** Opens any location of the home by its id; what a crash has left there is removed. */
  readonly openLocation: OpenLocationById;
  /** True for a location on a disk of this machine, by its id. */
  isNear(id: string): Promise<boolean>;
  /** The id of the location that a person names by its id or path. Rejects with `not-found`. */
  locationId(named: string): Promise<string>;
  /** Id of this installation; made when it is first asked for. */
  installationId(): Promise<string>;
  readonly tools: Omit<BackupTools, "installation" | "report" | "signal">;
  /** Sentences about what was recovered so far; empty when there was nothing. */
  readonly recovered: readonly string[];
}

/** A location that is open for a command. */
export interface OpenLocation extends OpenPlaces {
  readonly location: OpenedLocation;
  /** Where archives come in that somebody sends. */
  readonly incoming: IncomingFiles;
}

/** A home that is open for a command. Opening it finishes or rolls back what a crash has left. */
export interface OpenHome extends OpenPlaces {
  readonly installation: Installation;
  /** Rules that were saved for this home. */
  readonly rules: readonly Rule[];
  /**
   * Keeps other makers and restorers out until it is disposed. Rejects with `busy`.
   * @param signal if not given, that of the terminal
   */
  hold(purpose: string, signal?: AbortSignal): Promise<AsyncDisposable>;
}

/** The locations of a home. None of them is asked before it is opened. */
export interface OpenLocations extends AsyncDisposable {
  readonly locations: HomeLocations;
  readonly setUp: LocationSetUp;
  /** Id or path that was named by flag or variable; undefined if none was. */
  readonly chosen: string | undefined;
  /** What is at a location now, if it answers within a moment; else what was there at the last look. */
  readonly glance: (id: string) => Promise<Seen>;
  readonly clock: BackupTools["clock"];
}

/** The journal of runs. Opening it ends those of which the process is dead. */
export interface OpenRuns extends AsyncDisposable {
  readonly tools: RunTools;
}

/** How people are told of what is wrong, and what that is. */
export interface OpenNotifications extends AsyncDisposable {
  /** Id of the home. */
  readonly home: string;
  readonly channels: ChannelStore;
  readonly alerts: AlertStore;
  /** A channel that can be sent to. Throws `usage` for an address that is none. */
  openChannel(channel: Channel): NotificationChannel;
  /**
   * Finds out what is wrong now, tells the channels, and waits until each was told or tried. Returns what is new.
   * What the signal keeps from being told is told the next time.
   */
  check(signal: AbortSignal): Promise<readonly AlertNews[]>;
}

/** Saved settings, as `init` and `rules` show and change them. */
export interface SavedSettings {
  /** Absolute paths by flag name: `config`, `share` … */
  readonly paths: Readonly<Record<string, string>>;
  readonly rules: readonly string[];
  /** How Home Assistant is stopped and started for a restore; what is saved stays if it is undefined. */
  readonly service?: SavedService | undefined;
}

/** Shell commands of the person who set this machine up, and where Home Assistant answers. */
export type SavedService = Omit<ServiceOptions, "stopped">;

/** How a server is started, as a person says it. */
export interface ServeOptions {
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  readonly ingress?: string | undefined;
  readonly hostName?: readonly string[] | undefined;
  readonly proxy?: readonly string[] | undefined;
  /** HTTPS with the certificate in the home's `ssl` folder. */
  readonly tls?: boolean | undefined;
  readonly tlsCertificate?: string | undefined;
  readonly tlsKey?: string | undefined;
}

/** A server of this machine, as its data directory names it. */
export interface RunningServer {
  /** Where it is reached from here. */
  readonly url: string;
  /** API token that may do everything. */
  readonly token: string;
}

/** What the commands can reach. Made by `app`; nothing is opened before it is asked for. */
export interface Services {
  archiveTools(flags: PlaceFlags): ArchiveTools;
  /** Joins directory and name as this machine writes paths. */
  joinPath(directory: string, name: string): string;
  /** Rejects with `usage` when no path of a home is known, `not-found` when one does not exist. */
  openHome(flags: PlaceFlags): Promise<OpenHome>;
  /** The locations alone, for work that needs no home. */
  openPlaces(flags: PlaceFlags): Promise<OpenPlaces>;
  /** One location, for commands that need no home. */
  openLocation(flags: PlaceFlags): Promise<OpenLocation>;
  /** All locations of the home. */
  openLocations(flags: PlaceFlags): Promise<OpenLocations>;
  /** The runs alone, for commands that look after them. */
  openRuns(flags: PlaceFlags): Promise<OpenRuns>;
  openNotifications(flags: PlaceFlags): Promise<OpenNotifications>;
  readSettings(flags: PlaceFlags): Promise<SavedSettings & { readonly dataDir: string }>;
  saveSettings(flags: PlaceFlags, settings: SavedSettings): Promise<void>;
  /** Turns path flags into absolute paths of a home and checks that they exist. */
  resolvePaths(flags: PlaceFlags): Promise<Readonly<Record<string, string>>>;
  /** The key ring of the home; nothing is read before it is asked for. */
  keyRing(flags: PlaceFlags): KeyRingStore;
  /** What decides who may come in to the server; nothing is read before it is asked for. */
  access(flags: PlaceFlags): Pick<AccessTools, "store" | "clock">;
  /** All settings of the home as they lie there, with what is secret. */
  settingsStores(flags: PlaceFlags): SettingsStores;
  /** What others have brought; nothing is read before it is asked for. */
  inbox(flags: PlaceFlags): InboxStore;
  /** What has become of archives that came to locations by themselves. */
  arrivals(flags: PlaceFlags): ArrivalStore;
  /** How the files of the home are shared; nothing is read before it is asked for. */
  sharing(flags: PlaceFlags): SharingStore;
  /** The plans of the home; nothing is read before it is asked for. */
  plans(flags: PlaceFlags): HomePlans;
  /** Name of this machine. */
  readonly hostname: string;
  /** What an emergency kit says about where it belongs. */
  describeForKit(
    flags: PlaceFlags,
  ): Promise<Pick<EmergencyKit, "installation" | "home" | "location">>;
  /** Writes a file for its owner alone, whole or not at all. Rejects with `already-exists` unless `overwrite`. */
  writePrivateFile(path: string, text: string, overwrite: boolean): Promise<void>;
  /** Serves until it is asked to end. Rejects with `busy` where another server does or the port is taken. */
  serve(flags: PlaceFlags, options: ServeOptions): Promise<void>;
  /** The server that looks after the data directory; undefined if none runs, or its file is left from a dead one. */
  runningServer(flags: PlaceFlags): Promise<RunningServer | undefined>;
  /** Failures of a place as a person is told of them; everything else as it is. */
  translateError(error: unknown): unknown;
  readonly version: string;
}
