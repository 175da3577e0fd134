import type { BackupMetadata } from "#core/model/backup.ts";
import { folderNames, partOfInnerArchive, type Part } from "#core/model/part.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { ByteSource } from "#core/ports.ts";
import { parseBackupJson } from "#format/backup-json/parse-backup-json.ts";
import type { TarMember } from "#format/tar/tar-member.ts";
import { walkMembers } from "#format/tar/walk-members.ts";
import { archiveFingerprint, fingerprintHeadLength } from "../index/archive-fingerprint.ts";

/** One inner archive as it lies in the outer tar. */
export interface InnerArchive {
  /** Name of the member, without a leading `./`: `homeassistant.tar.gz`. */
  readonly member: string;
  /** The member's name without its suffix: `homeassistant`. */
  readonly name: string;
  readonly part: Part;
  /** Where its content begins in the archive, and its length there. */
  readonly offset: number;
  readonly size: number;
  /** Whether `backup.json` names it. What it does not name is left alone by official software. */
  readonly listed: boolean;
}

/** An archive whose headers and metadata have been read. */
export interface OpenArchive {
  readonly source: ByteSource;
  readonly metadata: BackupMetadata;
  /** The metadata document, byte for byte. */
  readonly document: Uint8Array;
  readonly inner: readonly InnerArchive[];
  /** Parts that `backup.json` names and that have no inner archive. */
  readonly missing: readonly Part[];
  /** Members that are neither metadata nor an inner archive. */
  readonly strangers: readonly string[];
}

const innerArchiveSuffix = /\.(?:tar\.gz|tgz|tar)$/;
const largestDocument = 16 * 1024 * 1024;

/**
 * Reads the headers of a backup, a few KiB per inner archive. Rejects with `not-a-backup`, `truncated`,
 * `damaged` or `unknown-version` (docs/format.md, section 2).
 */
export async function openArchive(source: ByteSource): Promise<OpenArchive> {
  const members = await readMembers(source);
  const document = await readDocument(source, members);
  const metadata = parseBackupJson(document);
  const inner = [...innerArchives(members, metadata).values()];
  const names = new Set(members.keys().filter((name) => !isMetadata(name) && !innerArchiveSuffix.test(name)));
  return { source, metadata, document, inner, missing: missingParts(metadata, inner), strangers: [...names] };
}

/** See `archiveFingerprint`; reads the first bytes of every inner archive. */
export async function fingerprintOf(archive: OpenArchive): Promise<string> {
  const heads = archive.inner.map(async ({ member, offset, size }) => {
    const head = await archive.source.read(offset, Math.min(size, fingerprintHeadLength));
    return { name: member, offset, size, head };
  });
  return archiveFingerprint(await Promise.all(heads));
}

/** The last member of each name, in archive order: a later one takes an earlier one's place. */
async function readMembers(source: ByteSource): Promise<Map<string, TarMember>> {
  const members = new Map<string, TarMember>();
  for await (const member of walkMembers((offset, length) => source.read(offset, length), source.size)) {
    if (member.entry.type !== "file") continue;
    const name = member.entry.path.replace(/^(?:\.\/)+/, "");
    members.delete(name);
    members.set(name, member);
  }
  return members;
}

async function readDocument(source: ByteSource, members: ReadonlyMap<string, TarMember>): Promise<Uint8Array> {
  const member = members.get("snapshot.json") ?? members.get("backup.json");
  if (member === undefined) {
    throw new SafehouseError("not-a-backup", "This tar file holds no backup.json, so it is no Home Assistant backup");
  }
  if (member.entry.size > largestDocument) {
    throw new SafehouseError("damaged", `Its backup.json claims ${member.entry.size} bytes`);
  }
  return source.read(member.contentOffset, member.entry.size);
}

function isMetadata(name: string): boolean {
  return name === "backup.json" || name === "snapshot.json";
}

function innerArchives(members: ReadonlyMap<string, TarMember>, metadata: BackupMetadata): Map<string, InnerArchive> {
  const inner = new Map<string, InnerArchive>();
  for (const [member, { entry, contentOffset }] of members) {
    if (!innerArchiveSuffix.test(member) || member.includes("/")) continue;
    const name = member.replace(innerArchiveSuffix, "");
    const part = partOf(name, metadata);
    const listed = isListed(part, metadata);
    inner.set(member, { member, name, part, offset: contentOffset, size: entry.size, listed });
  }
  return inner;
}

function partOf(name: string, metadata: BackupMetadata): Part {
  const addon = metadata.addons.some(({ slug }) => slug === name);
  return addon ? { kind: "addon", slug: name } : partOfInnerArchive(name);
}

function isListed(part: Part, metadata: BackupMetadata): boolean {
  switch (part.kind) {
    case "homeassistant":
      return metadata.homeassistant !== undefined;
    case "addon":
      return metadata.addons.some(({ slug }) => slug === part.slug);
    case "folder":
      return metadata.folders.includes(part.name);
    case "supervisor":
      return true;
  }
}

function missingParts(metadata: BackupMetadata, inner: readonly InnerArchive[]): Part[] {
  const listed: Part[] = [
    ...(metadata.homeassistant === undefined ? [] : [{ kind: "homeassistant" } as const]),
    ...metadata.addons.map(({ slug }) => ({ kind: "addon", slug }) as const),
    ...folderNames.filter((name) => metadata.folders.includes(name)).map((name) => ({ kind: "folder", name }) as const),
  ];
  return listed.filter((part) => !inner.some((archive) => samePart(archive.part, part)));
}

/** True if both name the same part. */
export function samePart(a: Part, b: Part): boolean {
  return a.kind === b.kind && JSON.stringify(a) === JSON.stringify(b);
}
