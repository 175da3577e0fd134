import { withoutSealed } from "#core/settings/sealed-values.ts";

export interface OpenSettings {
  readonly settings: Readonly<Record<string, unknown>>;
  /** How many secrets are not in them. */
  readonly left: number;
}

/** Settings without the sealed secrets in them. */
export function openSettings(settings: Readonly<Record<string, unknown>>): OpenSettings {
  const { value, left } = withoutSealed(settings);
  return { settings: value as OpenSettings["settings"], left };
}
