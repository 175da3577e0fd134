import { createHash } from "node:crypto";
import type { Notification } from "#core/notifications/notification.ts";

/** Names a message for receivers, so that they recognise one that reaches them twice: 32 hexadecimal digits. */
export function messageId({ id }: Notification): string {
  return createHash("sha256").update(id).digest("hex").slice(0, 32);
}
