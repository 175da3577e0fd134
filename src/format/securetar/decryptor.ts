/**
 * Decrypts one inner archive, in order. Takes the bytes behind the header in pieces of any size and gives
 * plaintext as soon as it may be used. Bytes that were pushed are free again when `push` returns; pieces
 * that come out are the caller's.
 *
 * After it has thrown, a decryptor is of no more use.
 */
export interface Decryptor {
  readonly kind: "v1" | "v2" | "v3";

  /** Bytes of the inner archive before the first that `push` takes. */
  readonly headerLength: number;

  /** Bytes of plaintext as the header says, which nothing protects; undefined for v1. */
  readonly plainSize: number | undefined;

  /**
   * True for v1, which padded each write by itself: the trailer of a gzip stream is torn apart, and bytes
   * may follow the end of a tar (docs/format.md, section 8.2). Whoever reads the plaintext deals with it.
   */
  readonly legacyTrailer: boolean;

  /** v3: 8 bytes for each message read so far, as `Encryptor` gives them; else empty. */
  messageNonces(): Uint8Array;

  /**
   * v3 releases a message of 1 MiB when it has been authenticated. Pushing 1 MiB + 17 bytes at a time,
   * from the first byte behind the header on, saves a copy. v1 and v2 release what nothing has checked.
   * @throws SafehouseError `damaged` for a message whose check value is wrong; messages before it that
   *   came in the same push are lost
   */
  push(bytes: Uint8Array): Uint8Array[];

  /**
   * The rest of the plaintext. To be called once.
   * @throws SafehouseError `truncated` if bytes are missing or the archive was never finished, `damaged`
   *   if its last bytes are wrong or it holds another size than its header says
   */
  end(): Uint8Array[];
}
