import type { StorageFeatures, StorageProvider } from "../provider.ts";

/** One promise of `StorageProvider`, and how to find out whether it is kept. */
export interface ContractCheck {
  /** A sentence, as shown to the user. */
  readonly promise: string;
  /** Whether the check makes sense for such a provider; it always does if this is absent. */
  readonly applies?: (features: StorageFeatures) => boolean;
  /** Rejects if the promise is broken. Whatever it leaves begins with `context.prefix`. */
  run(context: ContractContext): Promise<void>;
}

export interface ContractContext {
  readonly storage: StorageProvider;
  /** Folder, with `/` at its end, that is empty at first and used by nobody else. */
  readonly prefix: string;
  readonly signal: AbortSignal;
  /** How many objects "many objects" are. */
  readonly manyObjects: number;
}
