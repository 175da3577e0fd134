import { bodyAt, type SmbConnection } from "./connection.ts";
import { millisecondsOf } from "./file-time.ts";
import { command } from "./header.ts";
import { SmbError, isStatus } from "./smb-error.ts";
import { ntStatus } from "./status.ts";
import type { SmbTree } from "./tree.ts";

/** What may be done with a file and to it, [MS-SMB2] 2.2.13.1. */
export const access = {
  read: 0x0000_0001 | 0x0000_0080 | 0x0010_0000,
  write: 0x0000_0002 | 0x0000_0100 | 0x0010_0000,
  addFile: 0x0000_0002,
  attributes: 0x0000_0080,
  delete: 0x0001_0000,
} as const;

/** What others may do meanwhile. */
export const sharing = { none: 0, all: 7 } as const;

/** What is to be there before, [MS-SMB2] 2.2.13. */
export const disposition = { open: 1, create: 2, openOrCreate: 3 } as const;

export const attribute = { directory: 0x10, reparsePoint: 0x400 } as const;

export interface OpenRequest {
  /** Names joined by `\`; empty for the top of the share. */
  readonly path: string;
  readonly access: number;
  readonly sharing: number;
  readonly disposition: number;
  readonly kind: "file" | "folder";
  /** It goes when it is closed. */
  readonly removes?: boolean;
}

export interface FileFacts {
  readonly size: number;
  readonly attributes: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  /** Another one means that it may have changed. */
  readonly version: string;
}

const folderOption = 0x01;
const fileOption = 0x40;
const removeOption = 0x1000;

/** A file or folder that is open at the server. */
export class SmbFile {
  readonly facts: FileFacts;
  readonly #tree: SmbTree;
  readonly #id: Buffer;
  #closed = false;

  private constructor(tree: SmbTree, message: Buffer) {
    this.#tree = tree;
    tree.connection.openFiles += 1;
    this.#id = Buffer.from(message.subarray(bodyAt + 64, bodyAt + 80));
    this.facts = {
      size: Number(message.readBigUInt64LE(bodyAt + 48)),
      attributes: message.readUInt32LE(bodyAt + 56),
      ...timesOf(message.subarray(bodyAt + 24, bodyAt + 40), message.readBigUInt64LE(bodyAt + 48)),
    };
  }

  /**
   * [MS-SMB2] 2.2.13. If the signal is aborted meanwhile, what was opened after all is closed, and what was made is removed.
   */
  static async open(tree: SmbTree, request: OpenRequest, signal: AbortSignal): Promise<SmbFile> {
    const { message } = await tree.request(
      { command: command.create, body: [openBody(request)] },
      signal,
      (late) => new SmbFile(tree, late.message).#forsake(request.disposition),
    );
    return new SmbFile(tree, message);
  }

  get connection(): SmbConnection {
    return this.#tree.connection;
  }

  /** Up to `length` bytes; none at or beyond the end. No more than `pieceBytes` of what was agreed upon. */
  async read(offset: number, length: number, signal: AbortSignal): Promise<Buffer> {
    const body = Buffer.alloc(49);
    body.writeUInt16LE(49, 0);
    body[2] = bodyAt + 16;
    body.writeUInt32LE(length, 4);
    body.writeBigUInt64LE(BigInt(offset), 8);
    this.#id.copy(body, 16);
    try {
      const { message } = await this.#tree.request(
        { command: command.read, body: [body], bytes: length },
        signal,
      );
      const begin = message.readUInt8(bodyAt + 2);
      return message.subarray(begin, begin + message.readUInt32LE(bodyAt + 4));
    } catch (error) {
      if (isStatus(error, "END_OF_FILE")) return Buffer.alloc(0);
      throw error;
    }
  }

  /** The bytes must stay as they are until this has settled, whatever a signal says. */
  async write(offset: number, bytes: Buffer): Promise<void> {
    const body = Buffer.alloc(48);
    body.writeUInt16LE(49, 0);
    body.writeUInt16LE(bodyAt + body.length, 2);
    body.writeUInt32LE(bytes.length, 4);
    body.writeBigUInt64LE(BigInt(offset), 8);
    this.#id.copy(body, 16);
    const { message } = await this.#tree.request({
      command: command.write,
      body: [body, bytes],
      bytes: bytes.length,
    });
    const written = message.readUInt32LE(bodyAt + 4);
    if (written === 0 && bytes.length > 0) throw new SmbError(ntStatus.DISK_FULL);
    if (written < bytes.length) await this.write(offset + written, bytes.subarray(written));
  }

  /** Everything that was written is on stable storage when this resolves. */
  async flush(signal: AbortSignal): Promise<void> {
    const body = Buffer.alloc(24);
    body.writeUInt16LE(24, 0);
    this.#id.copy(body, 8);
    await this.#tree.request({ command: command.flush, body: [body] }, signal);
  }

  /** Sets one kind of information, [MS-FSCC] 2.4. */
  async set(kind: number, value: Buffer, signal?: AbortSignal): Promise<void> {
    const body = Buffer.alloc(32);
    body.writeUInt16LE(33, 0);
    body[2] = 1;
    body[3] = kind;
    body.writeUInt32LE(value.length, 4);
    body.writeUInt16LE(bodyAt + body.length, 8);
    this.#id.copy(body, 16);
    await this.#tree.request({ command: command.setInfo, body: [body, value] }, signal);
  }

  /** Asks for one kind of information. @param type 1 of the file, 2 of its file system */
  async info(
    { type, kind, bytes }: { readonly type: number; readonly kind: number; readonly bytes: number },
    signal: AbortSignal,
  ): Promise<Buffer> {
    const body = Buffer.alloc(41);
    body.writeUInt16LE(41, 0);
    body[2] = type;
    body[3] = kind;
    body.writeUInt32LE(bytes, 4);
    this.#id.copy(body, 24);
    return outputOf(await this.#tree.request({ command: command.queryInfo, body: [body] }, signal));
  }

  /** The next entries of a folder as the server has packed them; undefined behind the last. */
  async entries(kind: number, signal: AbortSignal): Promise<Buffer | undefined> {
    const pattern = Buffer.from("*", "utf16le");
    const bytes = this.connection.pieceBytes(this.connection.agreement?.maxTransact ?? 65_536);
    const body = Buffer.alloc(32);
    body.writeUInt16LE(33, 0);
    body[2] = kind;
    this.#id.copy(body, 8);
    body.writeUInt16LE(bodyAt + body.length, 24);
    body.writeUInt16LE(pattern.length, 26);
    body.writeUInt32LE(bytes, 28);
    try {
      return outputOf(
        await this.#tree.request(
          { command: command.queryDirectory, body: [body, pattern], bytes },
          signal,
        ),
      );
    } catch (error) {
      if (isStatus(error, "NO_MORE_FILES", "NO_SUCH_FILE")) return undefined;
      throw error;
    }
  }

  #forsake(made: number): void {
    if (made === disposition.create) this.set(13, Buffer.from([1])).catch(() => undefined);
    // Nobody is there to be told; the server closes it at the latest when the connection ends.
    this.close().catch(() => undefined);
  }

  /** Closing twice changes nothing. */
  async close(signal?: AbortSignal): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.connection.openFiles -= 1;
    const body = Buffer.alloc(24);
    body.writeUInt16LE(24, 0);
    this.#id.copy(body, 8);
    await this.#tree.request({ command: command.close, body: [body] }, signal);
  }
}

/** What the server tells of a file's times and size, in the order in which all answers have them. */
export function timesOf(
  lastWriteAndChange: Buffer,
  size: bigint,
): Pick<FileFacts, "modifiedAt" | "version"> {
  const written = lastWriteAndChange.readBigUInt64LE(0);
  const changed = lastWriteAndChange.readBigUInt64LE(8);
  return {
    modifiedAt: millisecondsOf(written),
    version: [size, written, changed].map((part) => part.toString(36)).join("-"),
  };
}

function openBody(request: OpenRequest): Buffer {
  const path = Buffer.from(request.path, "utf16le");
  const body = Buffer.alloc(56);
  body.writeUInt16LE(57, 0);
  body.writeUInt32LE(2, 4);
  body.writeUInt32LE(request.access, 24);
  body.writeUInt32LE(request.kind === "folder" ? attribute.directory : 0x80, 28);
  body.writeUInt32LE(request.sharing, 32);
  body.writeUInt32LE(request.disposition, 36);
  const kind = request.kind === "folder" ? folderOption : fileOption;
  body.writeUInt32LE(kind | (request.removes === true ? removeOption : 0), 40);
  body.writeUInt16LE(bodyAt + body.length, 44);
  body.writeUInt16LE(path.length, 46);
  // Even without a name something has to follow.
  return Buffer.concat([body, path.length === 0 ? Buffer.alloc(1) : path]);
}

function outputOf({ message }: { readonly message: Buffer }): Buffer {
  const begin = message.readUInt16LE(bodyAt + 2);
  return message.subarray(begin, begin + message.readUInt32LE(bodyAt + 4));
}
