/** What alerts are about. A closed list: who picks among them picks by kind. */
export type AlertKind =
  /** The last run of a plan made no good backup. */
  | "run-failed"
  /** A plan makes backups, but they do not reach one of its locations. */
  | "copy-failed"
  /** Backups that should be removed from a location cannot be. */
  | "prune-failed"
  /** The last good copy is older than it may be, or there is none. */
  | "copy-stale"
  /** Parts of the home that no plan backs up. */
  | "uncovered"
  /** Nobody has shown that the emergency kit of the current key is at hand. */
  | "key-unproven"
  /** A prune would remove so much that a person has to agree first. */
  | "prune-stopped"
  /** Copies whose bytes are not what was written. */
  | "copy-damaged"
  /** What others brought is no good backup, or did not get where it is to be delivered. */
  | "arrival-failed"
  /** What Safehouse remembers could not be read. */
  | "state-unreadable";

/** `error`: the home is not protected as it should be. `warning`: it will not be if nobody acts. */
export type AlertSeverity = "error" | "warning";

/** Something that a person should look at, and that goes on until it is mended. */
export interface Alert {
  /** The same as long as it goes on, also over restarts. Printable, without blanks. */
  readonly id: string;
  readonly kind: AlertKind;
  readonly severity: AlertSeverity;
  /** What is wrong, where and why; one sentence without full stop, no secret. */
  readonly message: string;
  /** What to do next, as a sentence without full stop. */
  readonly advice: string;
  /** Id of the plan concerned, if it is one. */
  readonly plan: string | undefined;
  /** Id of the location concerned, if it is one. */
  readonly location: string | undefined;
  /** What it is about by name, such as slugs of backups: one more makes the alert worse. Sorted. */
  readonly about: readonly string[];
}

/** An alert that people have been told of. Times are milliseconds since 1970. */
export interface OpenAlert extends Alert {
  readonly opened: number;
  /** How often people were told of it, at least 1. */
  readonly told: number;
  readonly lastTold: number;
}

/**
 * What people are told of an alert. `worse`: it has come to be about more. `reminder`: it still goes on.
 * `recovered`: it has ended; told once, with its last message.
 */
export type AlertEvent = "opened" | "worse" | "reminder" | "recovered";

export interface AlertNews {
  readonly event: AlertEvent;
  readonly alert: OpenAlert;
}
