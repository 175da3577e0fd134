import type { Notification } from "#core/notifications/notification.ts";

/** A way to tell people something. */
export interface NotificationChannel {
  /** Where it leads, for people: a host and its port, without anything secret. */
  readonly destination: string;
  /**
   * Tells it, once. Rejects with a SafehouseError that names the cause, without anything secret: `unreachable`
   * (also if nothing moves for a while), `denied`, `not-found`, `busy`, `usage` for a message or settings that the
   * other side refuses, `incomplete` if some of the receivers got it and it must not be sent again. Rejects with the
   * signal's reason when that fires.
   */
  send(notification: Notification, signal: AbortSignal): Promise<void>;
}
