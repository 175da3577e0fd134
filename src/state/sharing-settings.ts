import { SafehouseError } from "#core/model/problem.ts";
import { parseSharing } from "#core/sharing/parse-sharing.ts";
import type { Sharing } from "#core/sharing/sharing.ts";
import type { SharingStore } from "#jobs/sharing-store-port.ts";
import type { JsonObject } from "./home-document.ts";
import type { SecretBox } from "./secret-box.ts";
import type { Settings } from "./settings.ts";

/** What is shared, under `sharing` in the settings of a home. */
export class SharingSettings implements SharingStore {
  readonly #settings: Settings;
  readonly #box: SecretBox;
  readonly #home: string;

  /** @param home id of the home */
  constructor(settings: Settings, box: SecretBox, home: string) {
    this.#settings = settings;
    this.#box = box;
    this.#home = home;
  }

  async read(): Promise<Sharing> {
    return sharingIn(await this.#settings.read(this.#home));
  }

  async change(decide: (before: Sharing) => Sharing): Promise<Sharing> {
    let next: Sharing | undefined;
    await this.#settings.decide(this.#home, (settings) => {
      next = decide(sharingIn(settings));
      return { sharing: next };
    });
    return next ?? this.read();
  }

  seal(password: string): string {
    return this.#box.seal(password, this.#purpose());
  }

  open(sealed: string): string {
    return this.#box.open(sealed, this.#purpose());
  }

  #purpose(): string {
    return `password of the share of ${this.#home}`;
  }
}

function sharingIn({ sharing }: JsonObject): Sharing {
  try {
    return parseSharing(sharing);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SafehouseError("damaged", `What is shared cannot be read: ${why}`, {
      subject: "sharing",
      advice: "Mend settings.json, or take sharing out of it",
      cause,
    });
  }
}
