import { randomBytes } from "node:crypto";
import type { PasswordKeys } from "#format/securetar/password-keys.ts";
import { indexKeyPurpose, type IndexHeader } from "./index-header.ts";
import { IndexWriter } from "./index-writer.ts";
import type { IndexSink } from "../ports.ts";

export interface NewIndex {
  readonly slug: string;
  /** Keys of a protected backup: its index is encrypted, names and hashes are secrets too. */
  readonly keys: PasswordKeys | undefined;
  /** The archive's root salt, which saves a key derivation; random if there is none. */
  readonly rootSalt: Uint8Array | undefined;
}

/** Begins an index; under a key of its own, derived from the backup's password, if the backup has one. */
export async function createIndex(
  sink: IndexSink,
  { slug, keys, rootSalt }: NewIndex,
): Promise<IndexWriter> {
  if (keys === undefined) return new IndexWriter(sink, { version: 1, slug }, undefined);
  const salt = rootSalt ?? randomBytes(16);
  const id = randomBytes(16).toString("base64");
  const header: IndexHeader = {
    version: 1,
    slug,
    key: { salt: Buffer.from(salt).toString("base64"), id },
  };
  return new IndexWriter(sink, header, await keys.deriveKey(salt, indexKeyPurpose(id)));
}
