import { bandwidthAt, parseBandwidth } from "#core/transfer/bandwidth.ts";
import { parseHours, type Hours } from "#core/transfer/hours.ts";
import { readYesOrNo } from "./read-yes-or-no.ts";
import type { PlaceSettings, SettingField } from "./catalog.ts";

/** What can be set for places of every kind. */
export const commonFields: readonly SettingField[] = [
  {
    name: "bandwidth",
    title: "bytes per second, by the time of the day: 512k, or 08:00,512k 23:00,off",
    type: "text",
  },
  {
    name: "hours",
    title: "when deliveries may begin by themselves: 23:00-06:00",
    type: "text",
  },
  {
    name: "protected",
    title: "archives are encrypted here: yes, no, or as the backup is if not given",
    type: "text",
  },
];

export interface CommonSettings {
  /** Bytes per second at a moment, in milliseconds since 1970; undefined for no limit. */
  readonly rateAt: ((now: number) => number | undefined) | undefined;
  /** Undefined for all day. */
  readonly hours: Hours | undefined;
  /** Archives there are to be encrypted, or not; undefined for no rule. */
  readonly isProtected: boolean | undefined;
}

/** Throws `usage` for what makes no sense. */
export function readCommonSettings(settings: PlaceSettings): CommonSettings {
  const { bandwidth, hours, protected: isProtected } = settings;
  const limit = isSet(bandwidth) ? parseBandwidth(String(bandwidth)) : undefined;
  return {
    rateAt: limit && ((now) => bandwidthAt(limit, now)),
    hours: isSet(hours) ? parseHours(String(hours)) : undefined,
    isProtected: isSet(isProtected) ? readYesOrNo("protected", isProtected) : undefined,
  };
}

/** What is left for the kind itself. */
export function withoutCommon(settings: PlaceSettings): PlaceSettings {
  const common = new Set(commonFields.map(({ name }) => name));
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !common.has(name)));
}

/** An empty text takes a setting away. */
function isSet(value: PlaceSettings[string] | undefined): boolean {
  return value !== undefined && value !== "";
}
