import {
  encodeBackupJsonHeader,
  encodeInnerArchiveHeader,
} from "#format/tar/encode-inner-archive-header.ts";
import { endOfArchive, paddingAfter } from "#format/tar/padding.ts";
import type { EncryptionContext } from "#format/securetar/encryption-context.ts";
import { encryptedSize } from "#format/securetar/encrypted-size.ts";
import { checkPromisedSize, type Encryptor } from "#format/securetar/encryptor.ts";
import { fingerprintHeadLength, type FingerprintMember } from "../index/archive-fingerprint.ts";
import type { ArchiveTarget, Spool } from "../ports.ts";
import { WriteBehind } from "./write-behind.ts";

/** Where one inner archive came to lie at a target. */
export interface WrittenMember {
  /** Offset of its content in the archive. */
  readonly offset: number;
  readonly size: number;
  readonly plainSize: number;
  /** v3: nonces for entering the stream, base64; else empty. */
  readonly nonces: string;
}

interface Member {
  readonly name: string;
  readonly mtime: number;
  readonly headerOffset: number;
  readonly encryptor: Encryptor | undefined;
  spool: Spool | undefined;
  /** Bytes that its headers have told from the start; undefined if they are put right at the end. */
  readonly promisedSize: number | undefined;
  readonly head: Uint8Array;
  headLength: number;
  size: number;
  plainSize: number;
}

/**
 * Writes the outer tar of one target and encrypts for it. Sizes are put right when an inner archive
 * ends: by patching, or, at a target that cannot be patched, by spooling it first.
 */
export class TargetWriter {
  readonly members: FingerprintMember[] = [];
  readonly #target: ArchiveTarget;
  readonly #encryption: EncryptionContext | undefined;
  readonly #openSpool: () => Promise<Spool>;
  readonly #behind = new WriteBehind();
  #position = 0;
  #member: Member | undefined;

  constructor(
    target: ArchiveTarget,
    encryption: EncryptionContext | undefined,
    openSpool: () => Promise<Spool>,
  ) {
    this.#target = target;
    this.#encryption = encryption;
    this.#openSpool = openSpool;
  }

  /** @param plainSize bytes that will be appended, if they are known */
  async begin(name: string, mtime: number, plainSize?: number): Promise<void> {
    const canPatch = this.#target.patch !== "none";
    const isPromised = !canPatch && plainSize !== undefined;
    const encryptor = this.#encryption?.encryptor(isPromised ? { plainSize } : {});
    const promisedSize = isPromised ? sizeAtTarget(encryptor, plainSize) : undefined;
    const spool = canPatch || isPromised ? undefined : await this.#openSpool();
    const headerOffset = this.#position;
    const head = new Uint8Array(fingerprintHeadLength);
    this.#member = {
      name,
      mtime,
      headerOffset,
      encryptor,
      spool,
      promisedSize,
      head,
      headLength: 0,
      size: 0,
      plainSize: 0,
    };
    this.#target.holdFrom?.(headerOffset);
    const size = promisedSize ?? 0;
    if (spool === undefined) await this.#write(encodeInnerArchiveHeader({ name, size, mtime }));
    if (encryptor !== undefined) await this.#content(encryptor.header);
  }

  /** Appends bytes of the inner archive, before encryption. */
  async append(plain: Uint8Array): Promise<void> {
    const member = this.#current();
    member.plainSize += plain.length;
    if (member.encryptor === undefined) return this.#content(plain);
    await this.#encrypted(member.encryptor.push(plain));
  }

  async end(): Promise<WrittenMember> {
    const member = this.#current();
    await this.#encrypted(member.encryptor?.end() ?? []);
    await this.#behind.settle();
    const header = encodeInnerArchiveHeader(member);
    const sizeField = member.encryptor?.sizeField();
    if (sizeField !== undefined) member.head.set(sizeField.bytes, sizeField.offset);
    if (member.promisedSize !== undefined) checkPromisedSize(member.promisedSize, member.size);
    else if (member.spool === undefined) await this.#patch(member, header);
    else await this.#unspool(member, header, member.spool);
    await this.#write(new Uint8Array(paddingAfter(member.size)));
    return this.#remember(member, header.length);
  }

  /** Writes `./backup.json`; call it after the last inner archive. */
  async writeMetadata(document: Uint8Array, mtime: number): Promise<void> {
    this.#target.holdFrom?.(this.#position);
    await this.#write(encodeBackupJsonHeader(document.length, mtime));
    await this.#write(document);
    await this.#write(new Uint8Array(paddingAfter(document.length)));
  }

  /** Bytes of the finished archive. */
  async finish(): Promise<number> {
    await this.#write(endOfArchive(this.#position));
    return this.#position;
  }

  /** Leaves nothing behind. */
  async abort(): Promise<void> {
    const spool = this.#member?.spool;
    this.#member = undefined;
    // What failed there has been told, or is the reason for this.
    await Promise.allSettled([this.#behind.settle()]);
    await Promise.all([spool?.[Symbol.asyncDispose](), this.#target.abort()]);
  }

  #current(): Member {
    if (this.#member === undefined) throw new RangeError("No inner archive has been begun");
    return this.#member;
  }

  /** The next message can be encrypted while this one is written. */
  #encrypted(pieces: readonly Uint8Array[]): Promise<void> {
    return this.#behind.begin(pieces, (bytes) => this.#content(bytes));
  }

  async #content(bytes: Uint8Array): Promise<void> {
    const member = this.#current();
    if (member.headLength < member.head.length) {
      const part = bytes.subarray(0, member.head.length - member.headLength);
      member.head.set(part, member.headLength);
      member.headLength += part.length;
    }
    member.size += bytes.length;
    await (member.spool === undefined ? this.#write(bytes) : member.spool.write(bytes));
  }

  async #patch(member: Member, header: Uint8Array): Promise<void> {
    await this.#target.patchAt(member.headerOffset, header);
    const start = member.headerOffset + header.length;
    if (member.encryptor !== undefined) {
      await this.#target.patchAt(start, member.head.subarray(0, member.encryptor.header.length));
    }
  }

  async #unspool(member: Member, header: Uint8Array, spool: Spool): Promise<void> {
    await this.#write(header);
    let at = 0;
    // The size stands in the first bytes, which were spooled before it was known.
    for await (const bytes of spool.read()) {
      const head = member.head.subarray(at, Math.min(member.headLength, at + bytes.length));
      at += bytes.length;
      await this.#write(head);
      await this.#write(bytes.subarray(head.length));
    }
    member.spool = undefined;
    await spool[Symbol.asyncDispose]();
  }

  #remember(member: Member, headerLength: number): WrittenMember {
    const { name, size, plainSize } = member;
    const offset = member.headerOffset + headerLength;
    this.members.push({ name, offset, size, head: member.head.slice(0, member.headLength) });
    this.#member = undefined;
    return {
      offset,
      size,
      plainSize,
      nonces: Buffer.from(member.encryptor?.messageNonces() ?? []).toString("base64"),
    };
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    this.#position += bytes.length;
    await this.#target.write(bytes);
  }
}

function sizeAtTarget(encryptor: Encryptor | undefined, plainSize: number): number {
  return encryptor === undefined ? plainSize : encryptedSize(encryptor.version, plainSize);
}
