import { createMac } from "node:crypto";

/** Node has it since 26.9; its published types do not yet. */
declare module "node:crypto" {
  interface Mac {
    update(bytes: Uint8Array): this;
    final(): Uint8Array;
  }
  interface MacOptions {
    outputLength?: number;
    salt?: Uint8Array;
    customization?: Uint8Array;
  }
  function createMac(
    algorithm: "poly1305" | "blake2bmac",
    key: Uint8Array,
    options?: MacOptions,
  ): Mac;
}

/** Begins a Poly1305 (RFC 8439, section 2.5); `final` gives 16 bytes. A key serves one message only. */
export function beginPoly1305(key: Uint8Array): {
  update(bytes: Uint8Array): unknown;
  final(): Uint8Array;
} {
  return createMac("poly1305", key);
}

/** Poly1305 over the pieces; 16 bytes. A key serves one message only. */
export function poly1305(key: Uint8Array, pieces: readonly Uint8Array[]): Uint8Array {
  const mac = beginPoly1305(key);
  for (const piece of pieces) mac.update(piece);
  return mac.final();
}

/**
 * BLAKE2b (RFC 7693) of the empty message, 32 bytes, with key, salt and personalisation.
 *
 * @param parameters `salt` and `personalisation`: 16 bytes at most, filled up with zero bytes
 */
export function keyedBlake2b(
  key: Uint8Array,
  parameters: { readonly salt: Uint8Array; readonly personalisation: Uint8Array },
): Uint8Array {
  return createMac("blake2bmac", key, {
    outputLength: 32,
    salt: parameters.salt,
    customization: parameters.personalisation,
  }).final();
}
