import { createHash, randomBytes } from "node:crypto";
import { bodyAt, type SmbConnection } from "./connection.ts";
import { ciphers, dialects, signers } from "./dialect.ts";
import type { Agreement, CipherId, DialectName, SignerId } from "./dialect.ts";
import { millisecondsOf } from "./file-time.ts";
import { command } from "./header.ts";
import { SmbConnectionError } from "./smb-error.ts";

export interface Negotiation {
  readonly agreement: Agreement;
  /** Hash of both messages, which later keys are bound to. */
  readonly preauthHash: Buffer;
  /** What was offered, for the check whether anybody changed it on its way. */
  readonly offer: Offer;
}

export interface Offer {
  readonly guid: Buffer;
  readonly capabilities: number;
  readonly securityMode: number;
  readonly dialects: readonly number[];
}

/** Large requests and sealing, [MS-SMB2] 2.2.3. */
const capability = { largeRequests: 0x4, sealing: 0x40 } as const;
const contextKind = { preauth: 1, ciphers: 2, host: 5, signers: 8 } as const;
const requiresSigning = 2;
const sha512 = 1;

/** Agrees upon a dialect and on how to sign and seal, [MS-SMB2] 3.2.4.2.2.2. */
export async function negotiate(
  connection: SmbConnection,
  wish: { readonly host: string; readonly oldest: DialectName; readonly requireSigning: boolean },
  signal: AbortSignal,
): Promise<Negotiation> {
  const offer: Offer = {
    guid: randomBytes(16),
    capabilities: capability.largeRequests | capability.sealing,
    securityMode: wish.requireSigning ? 1 | requiresSigning : 1,
    dialects: Object.values(dialects).filter((dialect) => dialect >= dialects[wish.oldest]),
  };
  const body = [request(offer, wish.host)];
  const { sent, message } = await connection.request({ command: command.negotiate, body }, signal);
  const agreement = readAgreement(message, offer);
  connection.agreement = agreement;
  const preauthHash = nextPreauthHash(nextPreauthHash(Buffer.alloc(64), ...sent), message);
  return { agreement, preauthHash, offer };
}

/** Adds a message to the hash of those before it, [MS-SMB2] 3.2.5.2. */
export function nextPreauthHash(hash: Buffer, ...message: readonly Buffer[]): Buffer {
  const next = createHash("sha512").update(hash);
  for (const part of message) next.update(part);
  return next.digest();
}

function request(offer: Offer, host: string): Buffer {
  const list = Buffer.alloc(offer.dialects.length * 2);
  offer.dialects.forEach((dialect, index) => list.writeUInt16LE(dialect, index * 2));
  const head = Buffer.alloc(36);
  head.writeUInt16LE(36, 0);
  head.writeUInt16LE(offer.dialects.length, 2);
  head.writeUInt16LE(offer.securityMode, 4);
  head.writeUInt32LE(offer.capabilities, 8);
  offer.guid.copy(head, 12);
  const front = padded(Buffer.concat([head, list]), bodyAt);
  const contexts = [
    context(contextKind.preauth, shorts(1, 32, sha512), randomBytes(32)),
    context(contextKind.ciphers, shorts(4, 2, 1, 4, 3)),
    context(contextKind.host, Buffer.from(host, "utf16le")),
    context(contextKind.signers, shorts(3, signers.gmac, signers.cmac, signers.hmac)),
  ];
  front.writeUInt32LE(bodyAt + front.length, 28);
  front.writeUInt16LE(contexts.length, 32);
  const [last = Buffer.alloc(0), ...others] = contexts.toReversed();
  return Buffer.concat([front, ...others.toReversed().map((part) => padded(part)), last]);
}

function context(kind: number, ...parts: readonly Buffer[]): Buffer {
  const data = Buffer.concat(parts);
  const head = Buffer.alloc(8);
  head.writeUInt16LE(kind, 0);
  head.writeUInt16LE(data.length, 2);
  return Buffer.concat([head, data]);
}

function shorts(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16LE(value, index * 2));
  return bytes;
}

/** Filled up so that what follows begins at a multiple of 8. */
function padded(bytes: Buffer, begin = 0): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((8 - ((begin + bytes.length) % 8)) % 8)]);
}

function readAgreement(message: Buffer, offer: Offer): Agreement {
  const dialect = message.readUInt16LE(bodyAt + 4);
  if (!offer.dialects.includes(dialect))
    throw new SmbConnectionError(
      "not-understood",
      `the server wants version 0x${dialect.toString(16)} of the protocol`,
    );
  const securityMode = message.readUInt16LE(bodyAt + 2);
  const capabilities = message.readUInt32LE(bodyAt + 24);
  const chosen = dialect === dialects["3.1.1"] ? readContexts(message) : undefined;
  const sealsByDialect =
    dialect >= dialects["3.0"] && (capabilities & capability.sealing) !== 0 ? 1 : undefined;
  const large = dialect > dialects["2.0"] && (capabilities & capability.largeRequests) !== 0;
  const most = (offset: number): number =>
    Math.min(message.readUInt32LE(bodyAt + offset), large ? longestRequest : 65_536);
  return {
    dialect,
    cipher: chosen === undefined ? sealsByDialect : chosen.cipher,
    signer: chosen?.signer ?? (dialect >= dialects["3.0"] ? signers.cmac : signers.hmac),
    serverRequiresSigning: (securityMode & requiresSigning) !== 0,
    maxTransact: most(28),
    maxRead: most(32),
    maxWrite: most(36),
    serverTime: millisecondsOf(message.readBigUInt64LE(bodyAt + 40)),
    agreedAt: performance.now(),
    told: { capabilities, securityMode, guid: message.subarray(bodyAt + 8, bodyAt + 24) },
  };
}

/** More brings no speed, and less memory is held by what is under way. */
const longestRequest = 1024 * 1024;

function readContexts(message: Buffer): {
  readonly cipher: CipherId | undefined;
  readonly signer: SignerId | undefined;
} {
  const found = new Map<number, number>();
  let at = message.readUInt32LE(bodyAt + 60);
  for (let left = message.readUInt16LE(bodyAt + 6); left > 0; left -= 1) {
    const length = message.readUInt16LE(at + 2);
    // All of them tell how many they chose, which is one, and then which.
    if (length >= 4) found.set(message.readUInt16LE(at), message.readUInt16LE(at + 10));
    at += 8 + Math.ceil(length / 8) * 8;
  }
  const cipher = found.get(contextKind.ciphers);
  const signer = found.get(contextKind.signers);
  return {
    cipher: cipher !== undefined && cipher in ciphers ? (cipher as CipherId) : undefined,
    signer: signer === undefined ? undefined : (signer as SignerId),
  };
}
