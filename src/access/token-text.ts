import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

const prefix = "sh_";
const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 62^43 > 2^256. */
const secretLength = 43;
/** 62^6 > 2^32. */
const checksumLength = 6;

const shape = new RegExp(`^${prefix}[0-9A-Za-z]{${secretLength + checksumLength}}$`, "u");

/**
 * A new API token: `sh_`, 256 random bits, and a CRC-32 of what stands before it, in digits of base 62. By
 * prefix and checksum a scanner of repositories and logs knows a token from chance, and blanks do not occur in
 * it.
 */
export function newTokenText(): string {
  const body = prefix + toBase62(BigInt(`0x${randomBytes(32).toString("hex")}`), secretLength);
  return body + checksumOf(body);
}

/** True for what can be a token. The checksum is no secret: a false one tells nobody anything. */
export function isTokenText(text: string): boolean {
  if (!shape.test(text)) return false;
  const body = text.slice(0, -checksumLength);
  return text === body + checksumOf(body);
}

function checksumOf(body: string): string {
  return toBase62(BigInt(crc32(body)), checksumLength);
}

function toBase62(value: bigint, length: number): string {
  let digits = "";
  for (let rest = value; digits.length < length; rest /= 62n)
    digits = alphabet.charAt(Number(rest % 62n)) + digits;
  return digits;
}
