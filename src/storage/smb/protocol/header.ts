/** Bytes in front of every message. */
export const headerBytes = 64;

/** Numbers of the commands, [MS-SMB2] 2.2.1.2. */
export const command = {
  negotiate: 0,
  sessionSetup: 1,
  logOff: 2,
  treeConnect: 3,
  create: 5,
  close: 6,
  flush: 7,
  read: 8,
  write: 9,
  control: 11,
  queryDirectory: 14,
  queryInfo: 16,
  setInfo: 17,
} as const;

export type Command = (typeof command)[keyof typeof command];

export interface HeaderFields {
  readonly command: Command;
  readonly number: bigint;
  /** Credits that the request costs; 0 in dialect 2.0, which knows none. */
  readonly charge: number;
  /** Credits that are asked for. */
  readonly credits: number;
  readonly treeId: number;
  readonly sessionId: bigint;
}

/** The head of a message, [MS-SMB2] 2.2.1.2. */
export const header = {
  fromServer: 0x1,
  signed: 0x8,
  numberAt: 24,

  make(fields: HeaderFields): Buffer {
    const head = Buffer.alloc(headerBytes);
    head.writeUInt32BE(0xfe534d42, 0);
    head.writeUInt16LE(headerBytes, 4);
    head.writeUInt16LE(fields.charge, 6);
    head.writeUInt16LE(fields.command, 12);
    head.writeUInt16LE(fields.credits, 14);
    head.writeBigUInt64LE(fields.number, header.numberAt);
    head.writeUInt32LE(fields.treeId, 36);
    head.writeBigUInt64LE(fields.sessionId, 40);
    return head;
  },
  isOne: (message: Buffer): boolean =>
    message.length >= headerBytes && message.readUInt32BE(0) === 0xfe534d42,
  status: (message: Buffer): number => message.readUInt32LE(8),
  credits: (message: Buffer): number => message.readUInt16LE(14),
  number: (message: Buffer): bigint => message.readBigUInt64LE(header.numberAt),
  treeId: (message: Buffer): number => message.readUInt32LE(36),
  sessionId: (message: Buffer): bigint => message.readBigUInt64LE(40),
  hasFlag: (message: Buffer, flag: number): boolean => (message.readUInt32LE(16) & flag) !== 0,
  addFlag: (message: Buffer, flag: number): void => {
    message.writeUInt32LE(message.readUInt32LE(16) | flag, 16);
  },
} as const;
