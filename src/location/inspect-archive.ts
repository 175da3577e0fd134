import { openArchive, type InnerArchive, type OpenArchive } from "#archive/read/open-archive.ts";
import { partName, type Part } from "#core/model/part.ts";
import type { ByteSource } from "#core/ports.ts";
import type { ArchiveFacts } from "./archive-facts.ts";

/** Reads what a listing shows of an archive: its headers and `backup.json`. Rejects as `openArchive` does. */
export async function inspectArchive(source: ByteSource): Promise<ArchiveFacts> {
  const archive = await openArchive(source);
  const { slug, name, date, type, compressed, homeassistant, folders, addons, extra } =
    archive.metadata;
  return {
    slug,
    name,
    date,
    type,
    compressed,
    extra,
    protected: archive.metadata.protected,
    size: source.size,
    homeassistant: homeassistant && {
      version: homeassistant.version,
      databaseIncluded: !homeassistant.excludeDatabase,
      size: sizeOf(archive, { kind: "homeassistant" }),
    },
    folders: folders.map((folder) => ({
      name: folder,
      size: sizeOf(archive, { kind: "folder", name: folder }),
    })),
    addons: addons.map((addon) => ({
      ...addon,
      size: sizeOf(archive, { kind: "addon", slug: addon.slug }),
    })),
    problems: [
      ...archive.missing.map((part) => ({
        problem: "incomplete" as const,
        message: `${partName(part)} is named in backup.json, but is not in the archive`,
      })),
      ...archive.inner.filter(({ size }) => size === 0).map(unfinished),
    ],
  };
}

function sizeOf(archive: OpenArchive, part: Part): number {
  return archive.inner.find((inner) => partName(inner.part) === partName(part))?.size ?? 0;
}

function unfinished({ member }: InnerArchive): ArchiveFacts["problems"][number] {
  return { problem: "truncated", message: `${member} is empty: it was never finished` };
}
