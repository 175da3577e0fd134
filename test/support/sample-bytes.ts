import { createCipheriv, createHash } from "node:crypto";

/** `length` bytes that do not compress: always the same ones for a seed. */
export function sampleBytes(seed: string, length: number): Buffer {
  const key = createHash("sha256").update(seed).digest();
  return createCipheriv("chacha20", key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

/** `length` bytes of text, as compressible as a configuration; always the same ones for a seed. */
export function sampleText(seed: string, length: number): string {
  const lines: string[] = [];
  let size = 0;
  for (let line = 0; size < length; line += 1) {
    const text = `- ${seed}: light.room_${(line * 7919) % 1009}\n  state: ${line % 3 === 0 ? "on" : "off"}\n`;
    lines.push(text);
    size += text.length;
  }
  return lines.join("").slice(0, length);
}
