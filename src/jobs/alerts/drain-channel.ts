import { SafehouseError } from "#core/model/problem.ts";
import { deliveryPause } from "#core/notifications/delivery-pause.ts";
import type { Clock, Log } from "#core/ports.ts";
import type { AlertStore, Delivery } from "../alert-store-port.ts";
import type { NotificationChannel } from "../notification-port.ts";

export interface DrainTools {
  readonly store: AlertStore;
  /** Id of the home. */
  readonly home: string;
  readonly clock: Clock;
  readonly log: Log;
  /** A number from 0 up to, but not including, 1. */
  readonly random: () => number;
}

/** Longer than any attempt: whoever has not been heard of by then has died. */
const claimInMs = 10 * 60_000;

/**
 * Tells a channel what waits for it, in order, until nothing is due. When the channel fails, all that waits for it waits
 * on; only what it refuses by itself lets the rest pass. Resolves also if the signal fires; what was not told then stays
 * due. Rejects as the store does.
 * @param id of the channel
 */
export async function drainChannel(
  id: string,
  channel: NotificationChannel,
  { tools, signal }: { readonly tools: DrainTools; readonly signal: AbortSignal },
): Promise<void> {
  const { store, home, clock, log } = tools;
  while (!signal.aborted) {
    const now = clock.now();
    const delivery = await store.claim(home, id, { now, until: now + claimInMs });
    if (delivery === undefined) return;
    const { settled, failure } = await attempt(delivery, channel, { tools, signal });
    await store.settle(home, settled);
    if (failure === undefined) continue;
    const facts = {
      channel: id,
      destination: channel.destination,
      event: delivery.notification.event,
    };
    log.warn("A notification could not be told", { ...facts, error: failure });
    const isOwnFault = failure instanceof SafehouseError && failure.problem === "usage";
    if (settled.state === "waiting" && !isOwnFault) await store.postpone(home, id, settled.nextAt);
  }
}

interface Attempt {
  readonly settled: Delivery;
  /** Undefined if there is nothing to report. */
  readonly failure: unknown;
}

async function attempt(
  delivery: Delivery,
  channel: NotificationChannel,
  { tools, signal }: { readonly tools: DrainTools; readonly signal: AbortSignal },
): Promise<Attempt> {
  const { clock, random } = tools;
  const { notification, attempts } = delivery;
  const begun = clock.now();
  if (notification.expires <= begun) {
    const error = delivery.error ?? "It was of no use any more";
    return { settled: { ...delivery, state: "dropped", ended: begun, error }, failure: undefined };
  }
  try {
    await channel.send(notification, signal);
    return { settled: told(delivery, clock.now(), undefined), failure: undefined };
  } catch (failure) {
    const now = clock.now();
    if (signal.aborted)
      return { settled: { ...delivery, attempts: attempts - 1, nextAt: now }, failure: undefined };
    const error = failure instanceof SafehouseError ? failure.message : "A fault of Safehouse";
    const isTold = failure instanceof SafehouseError && failure.problem === "incomplete";
    if (isTold) return { settled: told(delivery, now, error), failure };
    const nextAt = now + deliveryPause(attempts, random());
    return { settled: { ...delivery, nextAt, error }, failure };
  }
}

function told(delivery: Delivery, now: number, error: string | undefined): Delivery {
  return { ...delivery, state: "told", ended: now, error };
}
