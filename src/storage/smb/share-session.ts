import { settledOrAborted } from "../interruptible.ts";
import { enterShare, openSession } from "./open-share.ts";
import { isStatus } from "./protocol/smb-error.ts";
import type { SmbTree } from "./protocol/tree.ts";
import type { SmbSettings } from "./settings.ts";

/** As long as people and programs do several things in a row. Servers need not keep a disk awake for us longer. */
const idleInMs = 30_000;

interface Opening {
  readonly tree: Promise<SmbTree>;
  readonly cancel: AbortController;
  waiting: number;
}

/** One connection to a share for everything that is done at a place, made when it is needed and ended when it is not. */
export class ShareSession {
  readonly #settings: SmbSettings;
  #tree: SmbTree | undefined;
  #opening: Opening | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(settings: SmbSettings) {
    this.#settings = settings;
  }

  /** Does work with the share. A session that the server has ended is forgotten, so that the next one begins anew. */
  async use<Result>(
    signal: AbortSignal,
    work: (tree: SmbTree) => Promise<Result>,
  ): Promise<Result> {
    const tree = await this.#ready(signal);
    try {
      return await work(tree);
    } catch (error) {
      if (
        isStatus(error, "USER_SESSION_DELETED", "NETWORK_SESSION_EXPIRED", "NETWORK_NAME_DELETED")
      )
        tree.connection.end();
      throw error;
    }
  }

  async #ready(signal: AbortSignal): Promise<SmbTree> {
    signal.throwIfAborted();
    this.#watchIdle();
    if (this.#tree?.connection.lost === false) return this.#tree;
    const opening = (this.#opening ??= this.#begin());
    opening.waiting += 1;
    try {
      this.#tree = await settledOrAborted(opening.tree, signal);
      return this.#tree;
    } finally {
      opening.waiting -= 1;
      if (opening.waiting === 0) opening.cancel.abort();
      if (this.#opening === opening && opening.waiting === 0) this.#opening = undefined;
    }
  }

  #begin(): Opening {
    const cancel = new AbortController();
    const tree = openShare(this.#settings, cancel.signal);
    // Whoever waits for it is told; nobody may be left.
    tree.catch(() => undefined);
    return { tree, cancel, waiting: 0 };
  }

  #watchIdle(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      if (this.#tree?.connection.idle === true) this.#tree.connection.end();
      else if (this.#tree?.connection.lost === false) this.#watchIdle();
    }, idleInMs).unref();
  }
}

async function openShare(settings: SmbSettings, signal: AbortSignal): Promise<SmbTree> {
  const session = await openSession(settings, signal);
  try {
    return await enterShare(session, settings, signal);
  } catch (error) {
    session.connection.end();
    throw error;
  }
}
