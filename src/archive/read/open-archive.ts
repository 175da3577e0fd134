import type { BackupMetadata } from "#core/model/backup.ts";
import { folderNames, partName, partOfInnerArchive, type Part } from "#core/model/part.ts";
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
  /**
   * Members that are left alone: neither metadata nor an inner archive, or not the one that counts. The first
   * hundred or so, cut where they are long.
   */
  readonly strangers: readonly string[];
}

const innerArchiveSuffix = /\.(?:tar\.gz|tgz|tar)$/;
/** Slugs and folders make such names (docs/format.md, section 2.2). A name becomes a folder when it is extracted. */
const innerArchiveName = /^(?!\.{0,2}$)[-_.A-Za-z0-9]{1,200}$/;
const largestDocument = 16 * 1024 * 1024;
/** A home with every add-on there is has fewer members by far. */
const mostMembers = 10_000;
/** Of names that mean nothing to us, so many are kept, each cut at so many characters. */
const mostStrangers = 100;
const longestStranger = 200;

/**
 * Reads the headers of a backup, a few KiB per inner archive. Rejects with `not-a-backup`, `truncated`,
 * `damaged` or `unknown-version` (docs/format.md, section 2).
 */
export async function openArchive(source: ByteSource): Promise<OpenArchive> {
  const { members, strangers } = await readMembers(source);
  const document = await readDocument(source, members);
  const metadata = parseBackupJson(document);
  const inner = innerArchives(members, metadata);
  const known = new Set(inner.map(({ member }) => member));
  const left = [...members.keys()].filter((name) => !isMetadata(name) && !known.has(name));
  return {
    source,
    metadata,
    document,
    inner,
    missing: missingParts(metadata, inner),
    strangers: [...strangers, ...left],
  };
}

/** See `archiveFingerprint`; reads the first bytes of every inner archive. */
export async function fingerprintOf(archive: OpenArchive): Promise<string> {
  const heads = archive.inner.map(async ({ member, offset, size }) => {
    const head = await archive.source.read(offset, Math.min(size, fingerprintHeadLength));
    return { name: member, offset, size, head };
  });
  return archiveFingerprint(await Promise.all(heads), archive.document);
}

interface Members {
  /** Metadata and inner archives: the last member of each name, in archive order. */
  readonly members: ReadonlyMap<string, TarMember>;
  /** Names of the others, or the first of them. */
  readonly strangers: readonly string[];
}

/** A later member takes an earlier one's place. Memory is bounded, whatever the archive holds. */
async function readMembers(source: ByteSource): Promise<Members> {
  const members = new Map<string, TarMember>();
  const strangers = new Set<string>();
  let count = 0;
  for await (const member of walkMembers(
    (offset, length) => source.read(offset, length),
    source.size,
  )) {
    count += 1;
    if (count > mostMembers)
      throw new SafehouseError(
        "not-a-backup",
        `The file has more than ${mostMembers} members, so it is no Home Assistant backup`,
      );
    const name = member.entry.path.replace(/^(?:\.\/)+/, "");
    const { type } = member.entry;
    if (type === "file" && (isMetadata(name) || isInnerArchive(name))) {
      members.delete(name);
      members.set(name, member);
    } else if (
      strangers.size < mostStrangers &&
      !(type === "directory" && /^(?:\.\/?)*$/.test(name))
    ) {
      strangers.add(name.slice(0, longestStranger));
    }
  }
  return { members, strangers: [...strangers] };
}

function isInnerArchive(member: string): boolean {
  return (
    innerArchiveSuffix.test(member) && innerArchiveName.test(member.replace(innerArchiveSuffix, ""))
  );
}

async function readDocument(source: ByteSource, members: Members["members"]): Promise<Uint8Array> {
  const member = members.get("snapshot.json") ?? members.get("backup.json");
  if (member === undefined) {
    throw new SafehouseError(
      "not-a-backup",
      "This tar file holds no backup.json, so it is no Home Assistant backup",
    );
  }
  if (member.entry.size > largestDocument) {
    throw new SafehouseError("damaged", `Its backup.json claims ${member.entry.size} bytes`);
  }
  return source.read(member.contentOffset, member.entry.size);
}

function isMetadata(name: string): boolean {
  return name === "backup.json" || name === "snapshot.json";
}

/** Of two inner archives of one part, the one whose suffix `compressed` asks for counts, else the later. */
function innerArchives(
  members: ReadonlyMap<string, TarMember>,
  metadata: BackupMetadata,
): InnerArchive[] {
  const inner = new Map<string, InnerArchive>();
  for (const [member, { entry, contentOffset }] of members) {
    if (isMetadata(member)) continue;
    const name = member.replace(innerArchiveSuffix, "");
    const part = partOf(name, metadata);
    const key = partName(part);
    const earlier = inner.get(key)?.member;
    if (earlier !== undefined && hasSuffixFor(metadata, earlier) && !hasSuffixFor(metadata, member))
      continue;
    const listed = isListed(part, metadata);
    inner.delete(key);
    inner.set(key, { member, name, part, offset: contentOffset, size: entry.size, listed });
  }
  return [...inner.values()];
}

function hasSuffixFor({ compressed }: BackupMetadata, member: string): boolean {
  return member.endsWith(".tar") !== compressed;
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
    ...folderNames
      .filter((name) => metadata.folders.includes(name))
      .map((name) => ({ kind: "folder", name }) as const),
  ];
  return listed.filter((part) => !inner.some((archive) => samePart(archive.part, part)));
}

/** True if both name the same part. */
export function samePart(a: Part, b: Part): boolean {
  return a.kind === b.kind && JSON.stringify(a) === JSON.stringify(b);
}
