import {
  nullable,
  number,
  object,
  picklist,
  strictObject,
  string,
  type InferOutput,
} from "valibot";
import type { Delivery } from "#jobs/alert-store-port.ts";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";

const deliverySchema = object({
  channel: string(),
  state: picklist(["waiting", "told", "dropped"]),
  at: string(),
  event: string(),
  severity: string(),
  title: string(),
  text: string(),
  attempts: number(),
  /** When it is tried again; null unless it waits. */
  nextAt: nullable(string()),
  ended: nullable(string()),
  error: nullable(string()),
});

export type DescribedDelivery = InferOutput<typeof deliverySchema>;

export const notificationLogOperation = defineOperation({
  id: "notificationLog",
  summary: "What was told to the channels and what still waits, newest first",
  method: "get",
  path: "/notifications/log",
  scope: "admin",
  input: strictObject({}),
  output: object({ deliveries: listOf(deliverySchema) }),
  async run(_, { services, place }) {
    await using open = await services.openNotifications(place);
    return { deliveries: (await open.alerts.deliveries(open.home)).map(describeDelivery) };
  },
});

function describeDelivery(delivery: Delivery): DescribedDelivery {
  const { channel, notification, state, attempts, nextAt, ended, error } = delivery;
  const { at, event, severity, title, text } = notification;
  return {
    channel,
    state,
    at: isoOf(at),
    event,
    severity,
    title,
    text,
    attempts,
    nextAt: state === "waiting" ? isoOf(nextAt) : null,
    ended: ended === undefined ? null : isoOf(ended),
    error: error ?? null,
  };
}

function isoOf(time: number): string {
  return new Date(time).toISOString();
}
