import { mkdirSync } from "node:fs";
import type { SecretKeyStore } from "#jobs/secret-key-port.ts";
import { adoptSecretKey, findSecretKey } from "./secret-key-file.ts";

/** `secret.key` as it leaves a data directory and comes into another one, with an export of settings. */
export class SecretKeyFile implements SecretKeyStore {
  readonly #dataDirectory: string;

  constructor(dataDirectory: string) {
    this.#dataDirectory = dataDirectory;
  }

  async read(): Promise<string | undefined> {
    const key = findSecretKey(this.#dataDirectory);
    return key && Buffer.from(key).toString("base64");
  }

  async adopt(key: string): Promise<void> {
    mkdirSync(this.#dataDirectory, { recursive: true, mode: 0o700 });
    adoptSecretKey(this.#dataDirectory, Buffer.from(key, "base64"));
  }
}
