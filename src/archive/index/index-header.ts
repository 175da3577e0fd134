import { SafehouseError } from "#core/model/problem.ts";

/** Clear text at the front of an index: enough to tell which archive it belongs to and how it opens. */
export interface IndexHeader {
  readonly version: 1;
  readonly slug: string;
  /** Base64 of the salt for the key (16 bytes) and of this index's own id (16 bytes); protected only. */
  readonly key?: { readonly salt: string; readonly id: string };
}

const magic = Buffer.from("Safehouse index\n");
const largestHeader = 4096;

/** Purpose string of an index's key (see `PasswordKeys.deriveKey`). */
export function indexKeyPurpose(id: string): string {
  return `safehouse index 1 ${id}`;
}

export function encodeIndexHeader(header: IndexHeader): Uint8Array {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([magic, length, json]);
}

/**
 * Reads the header from the first bytes of an index (4 KiB suffice).
 * Rejects what is no index with `damaged`, a later version with `unknown-version`.
 */
export function decodeIndexHeader(bytes: Uint8Array): { header: IndexHeader; length: number } {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.length >= 20 ? view.readUInt32BE(16) : 0;
  const whole = view.subarray(0, 16).equals(magic) && length <= largestHeader;
  if (!whole || view.length < 20 + length) throw unreadable();
  const header = parse(view.subarray(20, 20 + length).toString());
  checkKnown(header);
  return { header, length: 20 + length };
}

function checkKnown(header: Partial<IndexHeader> | undefined): asserts header is IndexHeader {
  if (header?.version !== 1 || typeof header.slug !== "string") {
    throw new SafehouseError(
      "unknown-version",
      `The index has version ${String(header?.version)}, known is 1`,
    );
  }
  if (header.key !== undefined && !isKey(header.key)) throw unreadable();
}

function isKey(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("salt" in value && "id" in value))
    return false;
  const { salt, id } = value;
  return typeof id === "string" && typeof salt === "string" && isSalt(salt);
}

/** Spelled as base64 spells it: bits that no byte takes must not differ unnoticed. */
function isSalt(text: string): boolean {
  const salt = Buffer.from(text, "base64");
  return salt.length === 16 && salt.toString("base64") === text;
}

function unreadable(cause?: unknown): SafehouseError {
  return new SafehouseError("damaged", "The index has no readable header", { cause });
}

function parse(text: string): Partial<IndexHeader> | undefined {
  try {
    return (JSON.parse(text) ?? undefined) as Partial<IndexHeader> | undefined;
  } catch (cause) {
    throw unreadable(cause);
  }
}
