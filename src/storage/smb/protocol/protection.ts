import type { Agreement } from "./dialect.ts";
import { header } from "./header.ts";
import type { SessionKeys } from "./keys.ts";
import { isSealed, openSealed, Sealer } from "./sealing.ts";
import { isGenuine, signMessage } from "./signing.ts";
import { SmbConnectionError } from "./smb-error.ts";

export interface ProtectionOptions {
  readonly sessionId: bigint;
  readonly agreement: Agreement;
  /** Undefined for guests, who share no secret with the server. */
  readonly keys: SessionKeys | undefined;
  readonly signs: boolean;
}

/** What keeps the messages of one session from being changed or read on their way. */
export class Protection {
  readonly sessionId: bigint;
  readonly #options: ProtectionOptions;
  #sealer: Sealer | undefined;

  constructor(options: ProtectionOptions) {
    this.sessionId = options.sessionId;
    this.#options = options;
  }

  /** From now on everything is sealed. False where that was not agreed upon. */
  seal(): boolean {
    const { keys, agreement, sessionId } = this.#options;
    if (keys === undefined || agreement.cipher === undefined) return false;
    this.#sealer ??= new Sealer(agreement.cipher, keys.sealing, sessionId);
    return true;
  }

  /** True while everything is sealed. */
  get seals(): boolean {
    return this.#sealer !== undefined;
  }

  /** True where both sides share a secret. */
  get canSign(): boolean {
    return this.#options.keys !== undefined;
  }

  /** Makes a message ready to be sent. */
  guard(parts: readonly Buffer[], signed: boolean): readonly Buffer[] {
    const { keys, agreement, signs } = this.#options;
    if (this.#sealer !== undefined) return this.#sealer.seal(parts);
    if (keys !== undefined && (signs || signed)) signMessage(parts, agreement.signer, keys.signing);
    return parts;
  }

  /** What a received message says. Throws `not-genuine` for one that should have been sealed and is not. */
  open(received: Buffer): Buffer {
    const { keys, agreement } = this.#options;
    if (isSealed(received) && keys !== undefined && agreement.cipher !== undefined)
      return openSealed(received, agreement.cipher, keys.opening);
    if (this.#sealer !== undefined)
      throw new SmbConnectionError("not-genuine", "an answer was not encrypted");
    return received;
  }

  /** Throws `not-genuine` for an answer whose signature is wrong, or missing where there has to be one. */
  check(message: Buffer, mustBeSigned: boolean): void {
    const { keys, agreement, signs } = this.#options;
    if (keys === undefined || this.#sealer !== undefined) return;
    const signed = header.hasFlag(message, header.signed);
    if (!signed && !signs && !mustBeSigned) return;
    if (!signed || !isGenuine(message, agreement.signer, keys.signing))
      throw new SmbConnectionError("not-genuine", "an answer was not signed by the server");
  }
}
