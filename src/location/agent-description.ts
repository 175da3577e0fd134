import type { AgentLayout } from "#core/location/agent-layout.ts";
import { fileNameTime } from "#core/model/file-name-time.ts";
import type { StoredObject } from "#storage/provider.ts";
import type { ArchiveFacts } from "./archive-facts.ts";
import { isSlug } from "./backup-files.ts";

/** An archive, and what it says of itself. */
export interface DescribedArchive {
  readonly object: Pick<StoredObject, "key" | "size">;
  readonly facts: ArchiveFacts;
}

/** What an agent of Home Assistant knows a backup by. */
export interface AgentDescription {
  readonly key: string;
  /** JSON. */
  readonly text: string;
}

/**
 * The description of an archive as the agent would have written it. Undefined for an archive that the agent could not
 * find by any description: where it works the name out, one that is not called `<name>_<date>.tar`.
 */
export function describeForAgent(
  layout: AgentLayout,
  { object, facts }: DescribedArchive,
): AgentDescription | undefined {
  const key = descriptionKey(layout, object.key, facts.slug);
  const name =
    layout.kind === "beside" ? findableName(object.key, facts) : facts.name.toWellFormed();
  if (key === undefined || name === undefined || fileNameTime(facts.date) === undefined)
    return undefined;
  const metadata = agentBackup(name, object.size, facts);
  return { key, text: JSON.stringify(wrap(layout, object.key, metadata)) };
}

/** Where the description of an archive lies; undefined for one that can have none. */
export function descriptionKey(
  { kind }: AgentLayout,
  archive: string,
  slug: string | undefined,
): string | undefined {
  if (kind !== "hidden") return archive.replace(/\.tar$/, ".metadata.json");
  return slug !== undefined && isSlug(slug) ? `.${slug}.metadata.json` : undefined;
}

/** False only for a description that says that it is about another archive. */
export function isAbout(archive: string, text: string): boolean {
  const path = filePathIn(text);
  return path === undefined || path.slice(path.lastIndexOf("/") + 1) === archive;
}

function filePathIn(text: string): string | undefined {
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document !== "object" || document === null || !("file_path" in document))
      return undefined;
    return typeof document.file_path === "string" ? document.file_path : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * The fields of `AgentBackup` (`homeassistant/components/backup/models.py`), in its order; all of them are required
 * there. Without `instance_id` and `with_automatic_settings` Home Assistant does not apply its own retention.
 */
function agentBackup(name: string, size: number, facts: ArchiveFacts) {
  const { slug, date, extra, folders, addons, homeassistant } = facts;
  const plain = Object.entries(extra).filter(
    ([key, value]) => !prunedBy.has(key) && ["string", "boolean"].includes(typeof value),
  );
  return {
    addons: addons.map((addon) => ({ name: addon.name, slug: addon.slug, version: addon.version })),
    backup_id: slug,
    date,
    database_included: homeassistant?.databaseIncluded ?? false,
    extra_metadata: Object.fromEntries(plain),
    folders: folders.map((folder) => folder.name),
    homeassistant_included: homeassistant !== undefined,
    homeassistant_version: homeassistant?.version ?? null,
    name,
    protected: facts.protected,
    size,
  };
}

/** What makes a backup one that Home Assistant removes by its own rules. */
const prunedBy: ReadonlySet<string> = new Set(["instance_id", "with_automatic_settings"]);

function wrap(
  layout: AgentLayout,
  archive: string,
  metadata: ReturnType<typeof agentBackup>,
): unknown {
  switch (layout.kind) {
    case "beside":
      return metadata;
    case "enveloped":
      return {
        metadata_version: "1",
        backup_id: metadata.backup_id,
        backup_metadata: metadata,
      };
    case "hidden": {
      const { folder } = layout;
      return { file_path: folder === undefined ? archive : `${folder}/${archive}`, metadata };
    }
  }
}

/**
 * The backup's name, or else one that leads to the archive's file too: the characters that a file system refuses are not
 * in it. Undefined if no name does.
 */
function findableName(archive: string, { name, date }: ArchiveFacts): string | undefined {
  const wellFormed = name.toWellFormed();
  if (agentFileName(wellFormed, date) === archive) return wellFormed;
  const suffix = `_${fileNameTime(date) ?? ""}.tar`;
  const stem = archive.endsWith(suffix) ? archive.slice(0, -suffix.length) : undefined;
  return stem !== undefined && agentFileName(stem, date) === archive ? stem : undefined;
}

/** `suggested_filename` (`homeassistant/components/backup/util.py`): every character stays but for white space. */
function agentFileName(name: string, date: string): string | undefined {
  const time = fileNameTime(date);
  if (time === undefined) return undefined;
  const words = name.split(pythonSpace).filter((word) => word !== "");
  return `${[...words, time].join("_")}.tar`;
}

/** What Python's `str.split` splits at. */
// oxlint-disable-next-line no-control-regex
const pythonSpace = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u;
