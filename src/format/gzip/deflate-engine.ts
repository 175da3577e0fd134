/**
 * Compresses `input`, at most one chunk, into `output` and returns the number of bytes written.
 * The result is raw deflate (RFC 1951) without a final block, ends at a byte border with a sync marker
 * and refers to nothing before it. `output` holds at least `compressedBound(input.length)` bytes.
 */
export type DeflateEngine = (input: Uint8Array, output: Uint8Array) => number;

/**
 * `wasm`: our own encoder, everywhere. `zlib`: Node's, several times slower and the smallest result.
 * `isal`: the system's ISA-L library, the fastest, when it is installed.
 */
export type DeflateEngineName = "wasm" | "zlib" | "isal";
