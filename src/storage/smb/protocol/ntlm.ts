import { createHmac, randomBytes } from "node:crypto";
import { fileTimeOf } from "./file-time.ts";
import { md4 } from "./md4.ts";
import { rc4 } from "./rc4.ts";

/** Who signs in. Without a user it is nobody in particular, which only few servers let in. */
export interface Identity {
  readonly user: string;
  readonly password: string;
  /** Domain or workgroup; empty for accounts of the server itself. */
  readonly domain: string;
}

/** What is left to chance and the clock, so that the examples of the specification can be followed. */
export interface NtlmChance {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** 8 bytes. */
  readonly clientChallenge: Buffer;
  /** 16 bytes. */
  readonly sessionKey: Buffer;
}

export interface NtlmAnswer {
  readonly message: Buffer;
  /** 16 bytes; undefined where nobody signed in, so that there is no secret that both sides share. */
  readonly sessionKey: Buffer | undefined;
}

/** What the answer is made of besides who signs in. */
export interface NtlmQuestion {
  /** The first message, as it was sent. */
  readonly negotiate: Buffer;
  /** What the server answered to it. */
  readonly challenge: Buffer;
  /** Name of the server as it was called, for servers that check it. */
  readonly host: string;
}

/** Flags of [MS-NLMP] 2.2.2.5: Unicode, target, signing, NTLM, extended security, target info, version, 128 bits, key exchange. */
const wanted = 0x62888215;
const anonymousFlag = 0x00000800;
const keyExchangeFlag = 0x40000000;
const signature = Buffer.from("NTLMSSP\0", "latin1");
/** Says Windows 6.1, revision 15 of NTLMSSP, as other clients that are no Windows do. */
const version = Buffer.from([6, 1, 0, 0, 0, 0, 0, 15]);

/** The first message of NTLM, [MS-NLMP] 2.2.1.1. */
export function ntlmNegotiate(): Buffer {
  const message = Buffer.alloc(40);
  signature.copy(message);
  message.writeUInt32LE(1, 8);
  message.writeUInt32LE(wanted, 12);
  version.copy(message, 32);
  return message;
}

/**
 * Answers the server's challenge with NTLMv2 and a code over all three messages, [MS-NLMP] 3.1.5.1.2. The older LM and NTLMv1
 * are never sent. Throws `RangeError` for what is no challenge.
 */
export function ntlmAnswer(
  identity: Identity,
  question: NtlmQuestion,
  chance: NtlmChance = randomChance(),
): NtlmAnswer {
  const { flags, serverChallenge, targetInfo } = readChallenge(question.challenge);
  if (identity.user === "") return anonymousAnswer(flags);
  const info = targetInfoForAnswer(targetInfo, question.host);
  const key = ntlmV2Key(identity);
  const timestamp = findPair(targetInfo, pair.timestamp);
  const blob = Buffer.concat([
    Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]),
    timestamp ?? fileTimeOf(chance.now),
    chance.clientChallenge,
    Buffer.alloc(4),
    info,
    Buffer.alloc(4),
  ]);
  const proof = hmacMd5(key, serverChallenge, blob);
  const baseKey = hmacMd5(key, proof);
  if ((flags & keyExchangeFlag) === 0)
    throw new RangeError("The server does not exchange keys, as every version of NTLMv2 does");
  const { sessionKey } = chance;
  const lm =
    timestamp === undefined
      ? Buffer.concat([
          hmacMd5(key, serverChallenge, chance.clientChallenge),
          chance.clientChallenge,
        ])
      : Buffer.alloc(24);
  const message = assemble(flags & wanted, [
    lm,
    Buffer.concat([proof, blob]),
    utf16(identity.domain),
    utf16(identity.user),
    utf16("SAFEHOUSE"),
    rc4(baseKey, sessionKey),
  ]);
  hmacMd5(sessionKey, question.negotiate, question.challenge, message).copy(message, codeAt);
  return { message, sessionKey };
}

/** NTOWFv2 of [MS-NLMP] 3.3.2. */
export function ntlmV2Key({ user, password, domain }: Identity): Buffer {
  return hmacMd5(md4(utf16(password)), utf16(user.toUpperCase() + domain));
}

function anonymousAnswer(flags: number): NtlmAnswer {
  const empty = Buffer.alloc(0);
  const message = assemble(((flags & wanted) | anonymousFlag) & ~keyExchangeFlag, [
    Buffer.alloc(1),
    empty,
    empty,
    empty,
    empty,
    empty,
  ]);
  return { message, sessionKey: undefined };
}

const codeAt = 72;
const headBytes = 88;

/** The third message: a head with where each field lies, then the fields. */
function assemble(flags: number, fields: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(headBytes);
  signature.copy(head);
  head.writeUInt32LE(3, 8);
  let at = headBytes;
  fields.forEach((field, index) => {
    // All others lie in one row; the key of the session is the sixth as well.
    const slot = 12 + index * 8;
    head.writeUInt16LE(field.length, slot);
    head.writeUInt16LE(field.length, slot + 2);
    head.writeUInt32LE(at, slot + 4);
    at += field.length;
  });
  head.writeUInt32LE(flags >>> 0, 60);
  version.copy(head, 64);
  return Buffer.concat([head, ...fields]);
}

function readChallenge(message: Buffer): {
  readonly flags: number;
  readonly serverChallenge: Buffer;
  readonly targetInfo: Buffer;
} {
  if (message.length < 48 || !message.subarray(0, 8).equals(signature))
    throw new RangeError("The server's answer is no challenge of NTLM");
  const length = message.readUInt16LE(40);
  const offset = message.readUInt32LE(44);
  return {
    flags: message.readUInt32LE(20),
    serverChallenge: message.subarray(24, 32),
    targetInfo: message.subarray(offset, offset + length),
  };
}

/** Kinds of pairs in the description of the server, [MS-NLMP] 2.2.2.1. */
const pair = { end: 0, flags: 6, timestamp: 7, targetName: 9 } as const;
const hasCode = 2;

function findPair(info: Buffer, kind: number): Buffer | undefined {
  for (let at = 0; at + 4 <= info.length;) {
    const found = info.readUInt16LE(at);
    const length = info.readUInt16LE(at + 2);
    if (found === pair.end) return undefined;
    if (found === kind) return info.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return undefined;
}

function targetInfoForAnswer(info: Buffer, host: string): Buffer {
  const pairs: Buffer[] = [];
  for (let at = 0; at + 4 <= info.length;) {
    const length = info.readUInt16LE(at + 2);
    const kind = info.readUInt16LE(at);
    if (kind === pair.end) break;
    if (kind !== pair.flags) pairs.push(info.subarray(at, at + 4 + length));
    at += 4 + length;
  }
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(hasCode);
  return Buffer.concat([
    ...pairs,
    makePair(pair.flags, flags),
    makePair(pair.targetName, utf16(`cifs/${host}`)),
    makePair(pair.end, Buffer.alloc(0)),
  ]);
}

function makePair(kind: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(kind);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, value]);
}

function randomChance(): NtlmChance {
  return { now: Date.now(), clientChallenge: randomBytes(8), sessionKey: randomBytes(16) };
}

function utf16(text: string): Buffer {
  return Buffer.from(text, "utf16le");
}

function hmacMd5(key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer {
  const mac = createHmac("md5", key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}
