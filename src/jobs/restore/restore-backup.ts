import { openNotes } from "#archive/backup-notes/seal.ts";
import type { InnerArchive } from "#archive/read/open-archive.ts";
import { readChecked } from "#archive/verify/check-against-index.ts";
import { compareVersions } from "#core/model/compare-versions.ts";
import type { PartEvents } from "#core/model/part-event.ts";
import { partName, type Part } from "#core/model/part.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { resolveSelection } from "#core/plan/resolve-selection.ts";
import type { ReportProgress } from "#core/ports.ts";
import { parseRule } from "#core/rules/parse-rule.ts";
import type {
  Installation,
  PartToRestore,
  RestoreSession,
  StagedPart,
} from "#installation/installation.ts";
import type { ArchiveFile } from "../archive/open-archive-file.ts";
import type { RestoreRequest } from "./restore-request.ts";
import type { RestoredPart, RestoreResult } from "./restore-result.ts";

export interface RestoreTools {
  readonly installation: Installation;
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

/**
 * Restores a backup onto a home. Everything that is wanted is read, checked and staged first; the home
 * changes only in the swap at the end, and can be brought back afterwards. Rejects, with the home as it
 * was, with `newer-version`, `damaged`, `truncated`, `no-space`, `home-alive`, `read-only`, `busy` or
 * `confirmation-needed`.
 */
export async function restoreBackup(
  file: ArchiveFile,
  request: RestoreRequest,
  tools: RestoreTools,
): Promise<RestoreResult> {
  const { metadata } = file.archive;
  const wanted = await plannedParts(file, request);
  await refuseNewer(file, wanted, tools);
  const { slug, name, date } = metadata;
  await using session = await tools.installation.openRestore(
    { ...request, slug, name, parts: wanted.map(({ target }) => target.part) },
    tools.signal,
  );
  await session.checkSpace(wanted.map(({ target }) => target));
  const parts = await stageAll(file, wanted, { session, tools });
  const plan = await session.plan();
  const outcome = request.dryRun ? undefined : await session.swap(tools.report, tools.signal);
  const done = { slug, name, date, parts: [...parts, ...missingParts(file)], plan };
  return {
    ...done,
    status: request.dryRun ? "planned" : statusOf(done.parts),
    undoUntil: outcome?.undoUntil,
    service: outcome?.service,
    warnings: [...file.warnings, ...(outcome?.warnings ?? [])],
  };
}

interface WantedPart {
  readonly inner: InnerArchive;
  readonly target: PartToRestore;
}

async function plannedParts(
  file: ArchiveFile,
  request: RestoreRequest,
): Promise<readonly WantedPart[]> {
  const { archive, index } = file;
  const listed = archive.inner.filter((inner) => inner.listed && inner.part.kind !== "supervisor");
  const selection = resolveSelection(
    request.selection,
    listed.map(({ part }) => part),
    "this backup",
  );
  const hasDatabase = archive.metadata.homeassistant?.excludeDatabase === false;
  const rules = (await recordedRules(file, request)).map(parseRule);
  const wanted: WantedPart[] = [];
  for (const part of selection.parts) {
    const inner = listed.find((candidate) => partName(candidate.part) === partName(part));
    if (inner === undefined) continue;
    const known = await index?.part(inner.member);
    const database = selection.database && hasDatabase;
    wanted.push({ inner, target: { part, bytes: known?.bytes, rules, database } });
  }
  return wanted;
}

/**
 * Rules that were in force when the backup was made: what they left out is to survive. A plain copy of a
 * protected backup, as Home Assistant makes them, still has them encrypted.
 */
async function recordedRules(
  { archive, keys }: ArchiveFile,
  { exact }: RestoreRequest,
): Promise<readonly string[]> {
  try {
    return (await openNotes(archive.metadata.extra, keys))?.rules ?? [];
  } catch (error) {
    if (!(error instanceof SafehouseError) || error.problem !== "password-needed") throw error;
    if (exact) return [];
    throw new SafehouseError(
      "password-needed",
      "This plain copy does not tell what the backup left out without the password of the original",
      {
        advice:
          "Restore the encrypted original, or use --exact to keep nothing of what was left out",
        cause: error,
      },
    );
  }
}

async function refuseNewer(
  file: ArchiveFile,
  wanted: readonly WantedPart[],
  tools: RestoreTools,
): Promise<void> {
  const theirs = file.archive.metadata.homeassistant?.version;
  const ours = (await tools.installation.describe(tools.signal)).homeassistantVersion;
  const concerned = wanted.some(({ inner }) => inner.part.kind === "homeassistant");
  if (
    !concerned ||
    theirs === undefined ||
    ours === undefined ||
    compareVersions(theirs, ours) <= 0
  )
    return;
  throw new SafehouseError(
    "newer-version",
    `The backup was made with Home Assistant ${theirs}, this home has ${ours}`,
    {
      advice: `Update Home Assistant to ${theirs} or later first, or restore other parts only`,
      facts: { backupVersion: theirs, homeVersion: ours },
    },
  );
}

async function stageAll(
  file: ArchiveFile,
  wanted: readonly WantedPart[],
  { session, tools }: { readonly session: RestoreSession; readonly tools: RestoreTools },
): Promise<RestoredPart[]> {
  const total = wanted.every(({ target }) => target.bytes !== undefined)
    ? wanted.reduce((sum, { target }) => sum + (target.bytes ?? 0), 0)
    : undefined;
  const parts: RestoredPart[] = [];
  let bytes = 0;
  for (const { inner, target } of wanted) {
    const tell = (count: number): void => {
      bytes += count;
      const progress = { step: "stage", part: partName(inner.part), bytes };
      tools.report(total === undefined ? progress : { ...progress, totalBytes: total });
    };
    const staged = await session.stage(
      target,
      counted(readChecked(file.archive, inner, file), tell),
      tools.signal,
    );
    parts.push(resultOf(inner.part, staged));
  }
  return parts;
}

async function* counted(events: PartEvents, tell: (bytes: number) => void): PartEvents {
  for await (const batch of events) {
    let bytes = 0;
    for (const event of batch) if (event.kind === "data") bytes += event.bytes.length;
    tell(bytes);
    yield batch;
  }
}

function resultOf(part: Part, { files, bytes, notes }: StagedPart): RestoredPart {
  const homeless = notes.find(({ problem, path }) => problem === "no-home" && path === "");
  const result = { part: partName(part), files, bytes, notes };
  if (homeless !== undefined) return { ...result, status: "skipped", reason: homeless.message };
  return { ...result, status: notes.length > 0 ? "warnings" : "restored" };
}

/** What is in the archive or ought to be, and has no place here. */
function missingParts({ archive }: ArchiveFile): RestoredPart[] {
  const supervisor = archive.inner.filter(({ part }) => part.kind === "supervisor");
  const nothing = { status: "skipped", files: 0, bytes: 0, notes: [] } as const;
  const reason = "Network mounts and registries belong to a Supervisor; there is none here";
  return [
    ...supervisor.map(({ part }) => ({ ...nothing, part: partName(part), reason })),
    ...archive.missing.map((part) => ({
      ...nothing,
      part: partName(part),
      reason: "backup.json names it, but its inner archive is not in the backup",
    })),
  ];
}

function statusOf(parts: readonly RestoredPart[]): RestoreResult["status"] {
  const lost = parts.some(({ status, part }) => status === "skipped" && part !== "supervisor");
  if (lost) return "incomplete";
  return parts.some(({ status }) => status === "warnings") ? "warnings" : "complete";
}
