import type { ByteSource } from "#core/ports.ts";
import type { StorageProvider } from "./provider.ts";

/** `open` for providers without handles: each read is a ranged `read` of its own. */
export async function rangeSource(
  provider: Pick<StorageProvider, "read" | "stat">,
  key: string,
  signal: AbortSignal,
): Promise<ByteSource> {
  const { size } = await provider.stat(key, signal);
  return {
    size,
    async read(offset, length) {
      const wanted = Math.max(0, Math.min(length, size - offset));
      if (wanted === 0) return new Uint8Array(0);
      const body = await provider.read(key, { offset, length: wanted }, signal);
      return gather(body, wanted);
    },
    close: () => Promise.resolve(),
  };
}

async function gather(body: AsyncIterable<Uint8Array>, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for await (const chunk of body) {
    const used = chunk.subarray(0, length - at);
    bytes.set(used, at);
    at += used.length;
  }
  return bytes.subarray(0, at);
}
