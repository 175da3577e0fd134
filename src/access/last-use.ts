import type { Clock } from "#core/ports.ts";
import type { AccessRecord, AccessStore } from "./access-port.ts";

/** The time of the last use is right to this many milliseconds; so often, at most, it is written. */
const precisionInMs = 5 * 60_000;
const remembered = 1000;

export interface LastUseOptions {
  readonly store: AccessStore;
  readonly clock: Clock;
  readonly report: (error: unknown) => void;
}

/** Keeps when sessions and tokens were last used. A disk that is full keeps nobody out. */
export class LastUse {
  readonly #options: LastUseOptions;
  /** When each was last tried to be kept: what failed is not tried at every request. */
  readonly #tried = new Map<string, number>();

  constructor(options: LastUseOptions) {
    this.#options = options;
  }

  /** Notes that a session or a token is being used; never rejects. */
  async note(list: "sessions" | "tokens", { id, lastUsedAt }: Used): Promise<void> {
    const { store, clock, report } = this.#options;
    const now = clock.now();
    const kept = lastUsedAt === undefined ? -Infinity : Date.parse(lastUsedAt);
    const known = Math.max(this.#tried.get(id) ?? -Infinity, kept);
    if (Math.abs(now - known) < precisionInMs) return;
    if (this.#tried.size >= remembered) this.#tried.clear();
    this.#tried.set(id, now);
    try {
      await store.change((record) => withUse(record, list, { id, now }));
    } catch (error) {
      report(error);
    }
  }
}

/** What is being used, as it is known. */
interface Used {
  readonly id: string;
  readonly lastUsedAt: string | undefined;
}

function withUse(
  record: AccessRecord,
  list: "sessions" | "tokens",
  { id, now }: { readonly id: string; readonly now: number },
): AccessRecord {
  const lastUsedAt = new Date(now).toISOString();
  const touch = <Item extends { readonly id: string }>(items: readonly Item[]): readonly Item[] =>
    items.map((item) => (item.id === id ? { ...item, lastUsedAt } : item));
  return list === "sessions"
    ? { ...record, sessions: touch(record.sessions) }
    : { ...record, tokens: touch(record.tokens) };
}
