import type { SafehouseError } from "#core/model/problem.ts";
import type { Channel } from "#core/notifications/channel.ts";

/** A channel as people give it, secrets included; `parseChannel` reads it. */
export interface ChannelDraft {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly events?: readonly string[] | undefined;
  readonly plans?: readonly string[] | undefined;
}

/** A channel as it lies in the settings. One that cannot be used does not keep the others from being used. */
export interface StoredChannel {
  readonly id: string;
  /** Settings that are no secrets. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Names of the settings that are secrets and are there. */
  readonly secrets: readonly string[];
  readonly channel: Channel | undefined;
  /** Why it cannot be used; undefined if it can. */
  readonly problem: SafehouseError | undefined;
}

/**
 * The channels of one home. Secrets are sealed where they lie. All methods reject with `damaged` and
 * `unknown-version` for settings that cannot be read.
 */
export interface ChannelStore {
  /** In the order in which they came. */
  list(): Promise<readonly StoredChannel[]>;
  /** Adds a channel. Rejects with `already-exists`, and with `usage` for one that makes no sense. */
  add(draft: ChannelDraft): Promise<void>;
  /** Changes a channel. Rejects with `not-found`, with `usage`, and if its secrets cannot be opened. */
  change(id: string, decide: (before: ChannelDraft) => ChannelDraft): Promise<void>;
  /** Rejects with `not-found`. */
  remove(id: string): Promise<void>;
}
