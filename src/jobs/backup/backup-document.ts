import type { NewBackupDocument } from "#archive/write/archive-sink.ts";
import { partName } from "#core/model/part.ts";
import type { BackedUpPart } from "./backup-result.ts";
import type { BackupRun } from "./make-backup.ts";

/** What is not the same at every location. */
export interface DocumentAtTarget {
  readonly extra: Readonly<Record<string, unknown>>;
  readonly isProtected: boolean;
  readonly compressed: boolean;
}

/** What `backup.json` says: only parts that are really in the archive are named. */
export function documentFor(
  run: BackupRun,
  written: readonly BackedUpPart[],
  { extra, isProtected, compressed }: DocumentAtTarget,
): NewBackupDocument {
  const { selection, state, name, identity } = run;
  const good = new Set(written.filter(({ status }) => status !== "failed").map(({ part }) => part));
  const parts = selection.parts.filter((part) => good.has(partName(part)));
  const hasHomeAssistant = parts.some(({ kind }) => kind === "homeassistant");
  return {
    slug: identity.slug,
    name,
    date: identity.date,
    type: selection.full ? "full" : "partial",
    compressed,
    protected: isProtected,
    homeassistant: hasHomeAssistant
      ? {
          version: state.homeassistantVersion ?? unknownVersion,
          excludeDatabase: !selection.database,
        }
      : undefined,
    folders: parts.flatMap((part) => (part.kind === "folder" ? [part.name] : [])),
    addons: parts.flatMap((part) =>
      part.kind === "addon" ? state.addons.filter(({ slug }) => slug === part.slug) : [],
    ),
    repositories: [],
    extra,
  };
}

/** Readers need a version; this one is older than any, so that nothing is ever too new for it. */
const unknownVersion = "0.0.0";
