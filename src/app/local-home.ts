import { IncomingFiles } from "#jobs/backup/incoming-files.ts";
import { failedArrivals } from "#jobs/inbox/failed-arrivals.ts";
import { LocationLooks } from "#jobs/locations/location-looks.ts";
import type { HomePlans } from "#jobs/plan/home-plans.ts";
import type { SettingsStores } from "#jobs/settings/settings-stores.ts";
import type { KeyRingStore } from "#keys/key-ring-port.ts";
import type { AccessStore } from "#access/access-port.ts";
import type { Clock } from "#core/ports.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import { AccessFile } from "#state/access-file.ts";
import { StateCatalogue } from "#state/catalogue.ts";
import { StateArrivals } from "#state/arrival-store.ts";
import { InboxFiles } from "#state/inbox-files.ts";
import { KeyRingFile } from "#state/key-ring-file.ts";
import { openState, type State } from "#state/open-state.ts";
import { StatePlanRecords } from "#state/plan-records.ts";
import { SettingsPlanStore } from "#state/plan-store.ts";
import { SecretKeyFile } from "#state/secret-key-store.ts";
import { StateUploads } from "#state/uploads.ts";
import { SecretBox } from "#state/secret-box.ts";
import { Settings } from "#state/settings.ts";
import { SharingSettings } from "#state/sharing-settings.ts";
import { LocalStorage } from "#storage/local/provider.ts";
import { parseLocalSettings } from "#storage/local/settings.ts";
import { installationId } from "./installation-id.ts";
import { LocationBook } from "./locations/location-book.ts";
import { OpenedLocations } from "./locations/opened-locations.ts";
import { backgroundTimer } from "./background-timer.ts";
import { onlyHome } from "./only-home.ts";

export interface LocalHomeOptions {
  /** Absolute path. */
  readonly dataDirectory: string;
  readonly clock: Clock;
  /** Receives a sentence about something that a person should know and that stops nothing. */
  readonly notice: (sentence: string) => void;
}

/**
 * What is kept of the home of one data directory: opened once by a process, however much of it is asked for.
 * Nothing is read before it is needed.
 */
export class LocalHome implements Disposable {
  readonly state: State;
  readonly settings: Settings;
  readonly book: LocationBook;
  readonly plans: HomePlans;
  readonly keyRing: KeyRingStore;
  readonly access: AccessStore;
  readonly stores: SettingsStores;
  readonly inbox: InboxFiles;
  readonly arrivals: StateArrivals;
  readonly sharing: SharingSettings;
  readonly looks: LocationLooks;
  readonly #options: LocalHomeOptions;
  /** Remembers what it has read. */
  readonly #catalogue: StateCatalogue;

  constructor(options: LocalHomeOptions) {
    const { dataDirectory, clock } = options;
    const home = onlyHome;
    const state = openState(options);
    const settings = new Settings(dataDirectory, state);
    const records = new StatePlanRecords(state, home);
    const store = new SettingsPlanStore({ home, settings, records, clock });
    this.#options = options;
    this.looks = new LocationLooks({ clock, startTimer: backgroundTimer });
    this.#catalogue = new StateCatalogue(state);
    this.state = state;
    this.settings = settings;
    this.book = new LocationBook({ dataDirectory, home, settings });
    this.plans = { store, records, installation: () => this.installation() };
    this.keyRing = new KeyRingFile(dataDirectory, home, state);
    this.access = new AccessFile(dataDirectory, home, state);
    this.arrivals = new StateArrivals(state, home);
    this.inbox = new InboxFiles(dataDirectory, options.notice);
    this.sharing = new SharingSettings(settings, new SecretBox(dataDirectory), home);
    this.stores = {
      settings: {
        read: () => settings.read(home),
        decide: (decide) => settings.decide(home, decide),
      },
      ring: this.keyRing,
      secretKey: new SecretKeyFile(dataDirectory),
    };
  }

  /** Id of this installation; made when it is first asked for. */
  installation(): Promise<string> {
    return installationId(this.settings);
  }

  /** @param recovered receives a sentence about each leftover that is removed at a location */
  locations(recovered: (sentence: string) => void = () => undefined): OpenedLocations {
    const { clock } = this.#options;
    const catalogue = this.#catalogue;
    const uploads = new StateUploads(this.state);
    const { book } = this;
    return new OpenedLocations({ book, home: onlyHome, catalogue, uploads, clock, recovered });
  }

  /** What others brought and what somebody has to look at, by location. */
  failedArrivals(): ReturnType<typeof failedArrivals> {
    return failedArrivals(this.locations(), this);
  }

  /** Where archives that are sent to a location grow. */
  incoming(location: ArchiveLocation): IncomingFiles {
    const { dataDirectory } = this.#options;
    const ownDisk = new LocalStorage(parseLocalSettings({ path: dataDirectory }));
    return new IncomingFiles(location, ownDisk);
  }

  [Symbol.dispose](): void {
    this.looks.close();
    this.state[Symbol.dispose]();
  }
}
