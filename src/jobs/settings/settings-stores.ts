import type { KeyRingStore } from "#keys/key-ring-port.ts";
import type { SecretKeyStore } from "../secret-key-port.ts";
import type { HomeSettingsStore } from "../settings-port.ts";

/** Where all lies that an export of settings holds. */
export interface SettingsStores {
  readonly settings: HomeSettingsStore;
  readonly ring: KeyRingStore;
  readonly secretKey: SecretKeyStore;
}
