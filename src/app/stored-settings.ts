import type { SavedService, SavedSettings } from "#operations/services.ts";

/** Settings of a home as they are kept. */
export interface StoredSettings extends SavedSettings {
  /** Id in the marker of the saved location. */
  readonly locationId: string | undefined;
}

/** What is known of stored settings; what is not understood counts as not set. */
export function parseStoredSettings(stored: Readonly<Record<string, unknown>>): StoredSettings {
  const { paths, rules, locationId, service } = stored;
  return {
    paths: isTextRecord(paths) ? paths : {},
    rules: Array.isArray(rules) ? rules.filter((rule) => typeof rule === "string") : [],
    locationId: typeof locationId === "string" ? locationId : undefined,
    service: isTextRecord(service) ? savedService(service) : undefined,
  };
}

function savedService({
  stopCommand,
  startCommand,
  checkUrl,
}: Readonly<Record<string, string>>): SavedService {
  return {
    ...(stopCommand === undefined ? {} : { stopCommand }),
    ...(startCommand === undefined ? {} : { startCommand }),
    ...(checkUrl === undefined ? {} : { checkUrl }),
  };
}

function isTextRecord(value: unknown): value is Record<string, string> {
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).every((item) => typeof item === "string");
}
