import type { LocationRecord } from "#core/model/location.ts";
import { SecretBox } from "./secret-box.ts";

type Secrets = Readonly<Record<string, string>>;

/** Seals what is secret in the settings of a home's locations, each setting for its location and name. */
export class LocationSecrets {
  readonly #box: SecretBox;
  readonly #home: string;

  /** @param home id of the home */
  constructor(dataDirectory: string, home: string) {
    this.#box = new SecretBox(dataDirectory);
    this.#home = home;
  }

  /** Throws as `SecretBox.seal`. @param location id */
  seal(location: string, secrets: Secrets): Secrets {
    return mapped(secrets, (name, secret) => this.#box.seal(secret, this.#for(location, name)));
  }

  /** The secrets of a location. Throws as `SecretBox.open`. */
  open({ id, secrets }: Pick<LocationRecord, "id" | "secrets">): Secrets {
    return mapped(secrets, (name, sealed) => this.#box.open(sealed, this.#for(id, name)));
  }

  #for(location: string, name: string): string {
    return `${name} of location ${location} of ${this.#home}`;
  }
}

function mapped(secrets: Secrets, change: (name: string, text: string) => string): Secrets {
  return Object.fromEntries(
    Object.entries(secrets).map(([name, text]) => [name, change(name, text)]),
  );
}
