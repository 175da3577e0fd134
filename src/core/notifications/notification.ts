/** What a channel can be asked to tell. `alert`: one that opened or got worse. */
export const notificationEvents = [
  "alert",
  "reminder",
  "recovered",
  "run-started",
  "run-succeeded",
  /** No good backup was made, or not everything of the run succeeded. */
  "run-failed",
] as const;
export type NotificationEvent = (typeof notificationEvents)[number];

/** One thing that people, or programs that watch for them, are told. Times are milliseconds since 1970. */
export interface Notification {
  /** The same thing always has the same id, so that nobody is told twice. */
  readonly id: string;
  readonly event: NotificationEvent | "test";
  readonly at: number;
  /** From then on it is of no use to anybody. */
  readonly expires: number;
  readonly severity: "error" | "warning" | "info";
  /** One line without full stop; no secret. */
  readonly title: string;
  /** What follows the title: lines of text, perhaps none; no secret. */
  readonly text: string;
  /** Id of the plan concerned. */
  readonly plan: string | undefined;
  /** Id of the location concerned. */
  readonly location: string | undefined;
  /** Id of the alert that it is about. */
  readonly alert: string | undefined;
  /** Id of the run that it is about: 32 hexadecimal digits. */
  readonly run: string | undefined;
}
