/** What a name can tell of a backup. */
export interface NameFacts {
  readonly type: "full" | "partial";
  /** Name of the plan. */
  readonly plan: string;
  /** When the backup is made, in milliseconds since 1970. */
  readonly at: number;
  /** IANA time zone of the dates and times. */
  readonly zone: string;
  readonly homeassistantVersion: string | undefined;
  /** Of Home Assistant Operating System. */
  readonly osVersion: string | undefined;
  readonly supervisorVersion: string | undefined;
  readonly hostname: string | undefined;
}

export type NameVariable = (time: Temporal.ZonedDateTime, facts: NameFacts) => string;

/**
 * The variables of name templates: those of the Google Drive add-on, under its names, and `plan`.
 * `date`, `time` and `datetime` come in ISO order: theirs depends on the language of the system. `ms` is
 * milliseconds, as their documentation says; theirs gives microseconds.
 */
export const nameVariables: ReadonlyMap<string, NameVariable> = new Map<string, NameVariable>([
  ["type", (_, { type }) => (type === "full" ? "Full" : "Partial")],
  ["plan", (_, { plan }) => plan],
  ["year", ({ year }) => digits(year, 4)],
  ["year_short", ({ year }) => digits(year % 100, 2)],
  ["month", ({ month }) => digits(month, 2)],
  ["month_long", (time) => time.toLocaleString("en", { month: "long" })],
  ["month_short", (time) => time.toLocaleString("en", { month: "short" })],
  ["day", ({ day }) => digits(day, 2)],
  ["weekday", (time) => time.toLocaleString("en", { weekday: "long" })],
  ["weekday_short", (time) => time.toLocaleString("en", { weekday: "short" })],
  ["hr24", ({ hour }) => digits(hour, 2)],
  ["hr12", ({ hour }) => digits(hour % 12 === 0 ? 12 : hour % 12, 2)],
  ["ampm", ({ hour }) => (hour < 12 ? "AM" : "PM")],
  ["min", ({ minute }) => digits(minute, 2)],
  ["sec", ({ second }) => digits(second, 2)],
  ["ms", ({ millisecond }) => digits(millisecond, 3)],
  ["date", (time) => time.toPlainDate().toString()],
  ["time", clock],
  ["datetime", (time) => `${time.toPlainDate().toString()} ${clock(time)}`],
  ["isotime", (time) => time.toString({ smallestUnit: "second", timeZoneName: "never" })],
  ["version_ha", (_, facts) => known(facts.homeassistantVersion)],
  ["version_hassos", (_, facts) => known(facts.osVersion)],
  ["version_super", (_, facts) => known(facts.supervisorVersion)],
  ["hostname", (_, { hostname }) => known(hostname)],
]);

function digits(value: number, length: number): string {
  return String(value).padStart(length, "0");
}

function clock(time: Temporal.ZonedDateTime): string {
  return time.toPlainTime().toString({ smallestUnit: "second" });
}

/** The add-on's word for what it does not know. */
function known(value: string | undefined): string {
  return value ?? "Unknown";
}
