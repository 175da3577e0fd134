/** Versions of the protocol, the oldest first, by the names that people know. SMB1 is another protocol and not spoken. */
export const dialects = {
  "2.0": 0x0202,
  "2.1": 0x0210,
  "3.0": 0x0300,
  "3.0.2": 0x0302,
  "3.1.1": 0x0311,
} as const;

export type DialectName = keyof typeof dialects;

/** The name that people know a version by. */
export function versionName(dialect: number): string {
  const known = Object.entries(dialects).find(([, number]) => number === dialect);
  return known?.[0] ?? `0x${dialect.toString(16)}`;
}

/** Ways to seal, [MS-SMB2] 2.2.3.1.2, in the order in which they are wished for. */
export const ciphers = {
  2: { name: "aes-128-gcm", keyBytes: 16, nonceBytes: 12 },
  1: { name: "aes-128-ccm", keyBytes: 16, nonceBytes: 11 },
  4: { name: "aes-256-gcm", keyBytes: 32, nonceBytes: 12 },
  3: { name: "aes-256-ccm", keyBytes: 32, nonceBytes: 11 },
} as const;

export type CipherId = keyof typeof ciphers;

/** Ways to sign, [MS-SMB2] 2.2.3.1.7. */
export const signers = { hmac: 0, cmac: 1, gmac: 2 } as const;

export type SignerId = (typeof signers)[keyof typeof signers];

/** What client and server have agreed upon. */
export interface Agreement {
  readonly dialect: number;
  /** Undefined where nothing can be sealed. */
  readonly cipher: CipherId | undefined;
  readonly signer: SignerId;
  readonly serverRequiresSigning: boolean;
  /** Bytes that one request may carry. */
  readonly maxTransact: number;
  readonly maxRead: number;
  readonly maxWrite: number;
  /** The server's clock, as milliseconds since 1970, and what `performance.now` said then. */
  readonly serverTime: number;
  readonly agreedAt: number;
  /** What a later check compares: capabilities, GUID and security mode of the server as it told them. */
  readonly told: {
    readonly capabilities: number;
    readonly guid: Buffer;
    readonly securityMode: number;
  };
}
